package posture

import (
	"fmt"
	"regexp"
	"strings"
)

// Steps says step by step how to put a control right: those of the catalogue, or what its click path, its lock and its kind amount to. Parameters that are not configured
// stand with their defaults.
func (c *Catalog) Steps(ctl *Control, configured Params) []string {
	params, _ := c.resolve(configured) // Run and the config reader refuse wrong ones before
	if own := ctl.Remediation.Steps; len(own) > 0 {
		steps := make([]string, len(own))
		for i, step := range own {
			steps[i] = placeholderForm.ReplaceAllStringFunc(step, func(m string) string { return paramWords(m[1:len(m)-1], params) })
		}
		return steps
	}
	steps := whereTo(ctl)
	if ctl.Review != "" {
		steps = append(steps, ctl.Review)
	}
	if ctl.Remediation.Text != "" {
		steps = append(steps, ctl.Remediation.Text)
	}
	if ctl.Lock != nil && ctl.Lock.Want != LockOptional && !namesLock.MatchString(ctl.Remediation.Text) {
		steps = append(steps, "Close the lock beside the setting, so that groups and users cannot change it.")
	}
	return steps
}

// namesLock finds the lock in a remedy that says itself what to do with it.
var namesLock = regexp.MustCompile(`(?i)\b(pad)?locks?\b`)

// thisMachine is the click path of what is put right where zoomward runs, and not at Zoom.
const thisMachine = "this machine"

// whereTo says how to get to what is to be changed: most of it is in the web portal, but not all.
func whereTo(ctl *Control) []string {
	portal := ctl.Remediation.Portal
	var enter string
	switch {
	case portal == thisMachine:
		return []string{"Open a shell on the machine that zoomward runs on."}
	case ctl.Scope == ScopeChannel:
		enter = "Sign in to the Zoom app as the owner of the channel, or as one of its admins."
	case strings.HasPrefix(portal, "App Marketplace"):
		enter = "Sign in to the Zoom App Marketplace (https://marketplace.zoom.us) as the owner, or as an administrator whose role may edit it."
	default:
		enter = "Sign in to the Zoom web portal (https://zoom.us) as the owner, or as an administrator whose role may edit it."
	}
	return []string{enter, "Open " + portal + "."}
}

// checkSteps refuses steps that name a parameter which is none.
func (c *Catalog) checkSteps(ctl *Control) error {
	for _, step := range ctl.Remediation.Steps {
		for _, m := range placeholderForm.FindAllStringSubmatch(step, -1) {
			if _, ok := c.params[m[1]]; !ok {
				return fmt.Errorf("a step names {%s}, which is no parameter", m[1])
			}
		}
	}
	return nil
}
