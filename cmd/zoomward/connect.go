package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/models/posture"
)

func connectCommand() command {
	return command{
		name: "connect", args: "[--check] [--paste] [--timeout D]", summary: "connect the account; check credentials and scopes",
		detail: `Fetches a token and makes one call, then prints which feeds and how many controls the granted scopes open. The last line is the state of the connection.
Exit code 0 when it is Connected, 1 otherwise, with what to do.

A server-to-server app (app: server_to_server, the default) needs nothing else. For a user-managed app (app: user_managed) a person consents in a browser first:
connect prints the page of Zoom to open, opens it where there is a browser, and waits for Zoom to send the browser back to redirect_url on this machine, for
--timeout (default 5m). With --paste it waits for nothing: open the page on any machine and paste the address that the browser ends on, or the code in it.
The tokens go into <db>.tokens, for the owner alone. --check checks a connection that is there and asks nobody.`,
		example: "zoomward connect --config /etc/zoomward/config.yaml",
		flags: func(fs *flag.FlagSet) action {
			check := fs.Bool("check", false, "")
			paste := fs.Bool("paste", false, "")
			timeout := fs.Duration("timeout", 5*time.Minute, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if err := a.checkCredentials(); err != nil {
					return err
				}
				if *timeout <= 0 {
					return usageErrorf("--timeout: %s is not a time to wait", *timeout)
				}
				switch userManaged := a.cfg.App == appUserManaged; {
				case *paste && (*check || !userManaged):
					return usageErrorf("--paste is for the consent to an app of app: user_managed")
				case userManaged && !*check:
					if _, err := a.newClient(); err != nil { // what could not work is said before a person is asked
						return err
					}
					if err := a.consent(ctx, *paste, *timeout); err != nil {
						return err
					}
				}
				return a.connect(ctx, true)
			}
		},
	}
}

// connect checks the connection and prints its state, before it, with details, what it opens.
func (a *app) connect(ctx context.Context, details bool) error {
	client, err := a.newClient()
	if err != nil {
		return err
	}
	defer closeClient(ctx, a, client)
	found := client.Check(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	if details {
		if err := a.printOpen(found); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(a.stdout, "Status: %s\n", sanitize(found.Status)); err != nil {
		return fmt.Errorf("print status: %w", err)
	}
	if found.Status == zoom.StatusConnected {
		return nil
	}
	err = fmt.Errorf("not connected: %s", found.Status)
	if found.Err != nil {
		err = fmt.Errorf("not connected: %w", found.Err)
	}
	if zoom.IsReconnect(found.Err) {
		return withHint(err, "zoomward connect asks for the consent of a user of the account")
	}
	return withHint(err, "%s", connectAdvice(found.Status, a.cfg.App))
}

// connectAdvice says what to do about a state of the connection of a kind of app.
func connectAdvice(status, kind string) string {
	switch {
	case status == zoom.StatusTokenRejected && kind == appUserManaged:
		return "compare ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET with the app in the Zoom App Marketplace, and see that it is activated"
	case status == zoom.StatusTokenRejected:
		return "compare ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET with the app in the Zoom App Marketplace, and see that it is activated"
	case strings.HasPrefix(status, zoom.StatusMissingScope) && kind == appUserManaged:
		return "add the scope to the app in the Zoom App Marketplace, then zoomward connect has the user consent to it"
	case strings.HasPrefix(status, zoom.StatusMissingScope):
		return "add the scope to the app in the Zoom App Marketplace; it counts from the next token on"
	case strings.HasPrefix(status, zoom.StatusPlanTooLow):
		return "the account's plan, or the role of the app's owner, does not include it"
	case status == zoom.StatusRateLimited:
		return "other apps use up the account's limit: try again later"
	case status == zoom.StatusUnreachable:
		return "see that this machine reaches ZOOMWARD_OAUTH_URL and ZOOMWARD_API_URL (proxy, firewall, DNS)"
	}
	return "the message says what Zoom answered"
}

// printOpen prints every feed and the controls of every severity with whether they are open.
func (a *app) printOpen(found zoom.Connection) error {
	access := map[string]zoom.EndpointAccess{}
	for _, e := range found.Endpoints {
		access[e.Endpoint.Name] = e
	}
	t := newTable(a.stdout, "FEED", "ACCESS", "WHAT", "WHY NOT")
	for _, f := range ingest.Feeds() {
		state, why := zoom.AccessOpen, ""
		for _, e := range f.Endpoints {
			if x := access[e.Name]; x.Access != zoom.AccessOpen && state != zoom.AccessClosed {
				state, why = x.Access, x.Reason
			}
		}
		t.row(f.Name, string(state), f.Title, why)
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	catalogue, err := posture.Load()
	if err != nil {
		return err
	}
	t = newTable(a.stdout, "CONTROLS", "OPEN", "OF")
	open, all := map[posture.Severity]int{}, map[posture.Severity]int{}
	for _, c := range catalogue.Controls {
		all[c.Severity]++
		if controlOpen(c, found.Scopes, access) {
			open[c.Severity]++
		}
	}
	for _, s := range severities() {
		if n := all[posture.Severity(s)]; n > 0 {
			opened := "unknown"
			if len(found.Scopes) > 0 {
				opened = fmt.Sprint(open[posture.Severity(s)])
			}
			t.row(s, opened, fmt.Sprint(n))
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout)
	return err
}

// controlOpen tells whether the granted scopes open what a control looks at. A catalogue scope counts as granted in any spelling that opens an endpoint which
// it opens too.
func controlOpen(c posture.Control, granted []string, access map[string]zoom.EndpointAccess) bool {
	for _, scope := range c.RequiresScopes {
		if slices.Contains(granted, scope) {
			continue
		}
		opened := false
		for _, e := range access {
			opened = opened || e.Access == zoom.AccessOpen && slices.Contains(e.Endpoint.Scopes, scope)
		}
		if !opened {
			return false
		}
	}
	return true
}
