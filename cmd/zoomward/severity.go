package main

import (
	"slices"
	"strings"
)

// severities in order of weight, heaviest first.
func severities() []string { return []string{"critical", "high", "medium", "low", "info"} }

// atOrAbove is an SQL condition on the column severity.
func atOrAbove(severity string) (where string, args []any) {
	for _, s := range severities() {
		args = append(args, s)
		if s == severity {
			break
		}
	}
	return "severity IN (?" + strings.Repeat(", ?", len(args)-1) + ")", args
}

// checkSeverity checks the value of a flag; none is fine.
func checkSeverity(flag, s string) error {
	if s != "" && !slices.Contains(severities(), s) {
		return usageErrorf("%s: %q is not one of %s", flag, s, strings.Join(severities(), ", "))
	}
	return nil
}
