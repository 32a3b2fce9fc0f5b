package archive

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what the rows of a file are.
type Kind string

// The kinds that can be read.
const (
	ZoomActivities Kind = "zoom-activities" // sign-ins and sign-outs
	ZoomOperations Kind = "zoom-operations" // operation log, called admin activity log in the portal
	Okta           Kind = "okta"            // Okta System Log
	Entra          Kind = "entra"           // sign-in log of Microsoft Entra ID
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{ZoomActivities, ZoomOperations, Okta, Entra} }

// ParseKind reads the name of a kind.
func ParseKind(s string) (Kind, error) {
	if k := Kind(s); slices.Contains(Kinds(), k) {
		return k, nil
	}
	names := make([]string, len(Kinds()))
	for i, k := range Kinds() {
		names[i] = string(k)
	}
	return "", fmt.Errorf("kind %q is not one of %s", s, strings.Join(names, ", "))
}

// UnknownError says that a file is of no kind that can be read, or not of the one that was asked for.
type UnknownError struct{ Reason string }

func (e *UnknownError) Error() string { return e.Reason }

func unknown(want Kind) *UnknownError {
	if want != "" {
		return &UnknownError{fmt.Sprintf("holds no %s: neither a CSV header of that kind nor JSON rows of it were found at its beginning", want)}
	}
	return &UnknownError{"is none of the kinds that can be read (a CSV export of Zoom's sign-in/sign-out report or admin activity log, JSON rows of Zoom's API, " +
		"an Okta System Log, an Entra ID sign-in log): if it is one, say which with --kind"}
}
