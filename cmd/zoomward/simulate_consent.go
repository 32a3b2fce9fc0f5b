package main

import "flag"

// consentFlags are the flags of simulate that are about the kind of app.
type consentFlags struct{ kind, redirect, how string }

func (c *consentFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&c.kind, "app", "", "")
	fs.StringVar(&c.redirect, "redirect-url", "", "")
	fs.StringVar(&c.how, "consent", "", "")
}

// complete fills in from the config what was not given, refuses what does not fit, and returns what to add to the environment of clients.
func (c *consentFlags) complete(cfg Config) ([]string, error) {
	if c.kind == "" {
		c.kind = cfg.App
	}
	switch c.kind {
	case appUserManaged:
	case appServerToServer:
		if c.redirect != "" || c.how != "" {
			return nil, usageErrorf("--redirect-url and --consent are for --app %s", appUserManaged)
		}
		return nil, nil
	default:
		return nil, usageErrorf("--app: %q is not one of %s, %s", c.kind, appServerToServer, appUserManaged)
	}
	if c.redirect == "" {
		c.redirect = cfg.RedirectURL
	}
	if _, err := listenAddress(c.redirect); err != nil {
		return nil, usageErrorf("--redirect-url: %w", err)
	}
	if c.how != "" && c.how != "page" && c.how != "auto" {
		return nil, usageErrorf("--consent: %q is not one of page, auto", c.how)
	}
	return []string{"ZOOMWARD_APP=" + c.kind, "ZOOMWARD_REDIRECT_URL=" + c.redirect}, nil
}

// redirectURIs are where a browser may be sent after a consent; without any nobody can consent.
func (c *consentFlags) redirectURIs() []string {
	if c.kind != appUserManaged {
		return nil
	}
	return []string{c.redirect}
}
