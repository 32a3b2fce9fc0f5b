package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

// companyFlags are the flags that demo and simulate share.
type companyFlags struct {
	users, days int
	seed        uint64
	attacks     bool
	weaken      bool
	weakenAgo   time.Duration // how long before the end; 0: as the simulated account has it
}

func (c *companyFlags) register(fs *flag.FlagSet) {
	fs.IntVar(&c.users, "users", 300, "")
	fs.IntVar(&c.days, "days", 180, "")
	fs.Uint64Var(&c.seed, "seed", 1, "")
	fs.BoolVar(&c.attacks, "attacks", true, "")
	fs.BoolVar(&c.weaken, "weaken-settings", false, "")
}

// company builds the simulated company whose now is the given time.
func (c *companyFlags) company(now time.Time) (*zoomtest.Company, error) {
	o := zoomtest.Options{Seed: c.seed, Users: c.users, Days: c.days, End: now, Attacks: c.attacks}
	if c.weaken {
		o.PostureAttack = &zoomtest.PostureAttack{Hidden: true}
		if c.weakenAgo > 0 {
			o.PostureAttack.At = now.Add(-c.weakenAgo)
		}
	}
	company, err := zoomtest.NewCompany(o)
	if err != nil {
		return nil, usageErrorf("%w", err)
	}
	return company, nil
}

func simulateCommand() command {
	return command{
		name: "simulate", args: "[--listen ADDR] [--users N] [--days N] [--seed N] [--attacks=false] [--weaken-settings] [--plan free|pro|business] [--scopes LIST] [--geo FILE] [--labels FILE]\n" +
			"    [--app server_to_server|user_managed] [--redirect-url URL] [--consent page|auto] [--faults SEED]",
		summary: "serve a simulated Zoom account until interrupted",
		detail: `Serves a simulated company, with planted attacks unless --attacks=false, over Zoom's REST API, with Zoom's own limits and errors, and prints the environment that points zoomward at
it. The same seed gives the same company. Credentials are taken from ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET when set, else made up.
--weaken-settings has an administrator's account taken over six hours before the end: ten settings are weakened, and one more behind the operation log's back.
--scopes limits what the token opens, separated by commas. --geo writes the location database of the simulated addresses, --labels
the planted attacks as CSV for zoomward backtest.
--app user_managed makes the app one that a user consents to, in a browser that goes back to --redirect-url; both are taken from the config unless given.
--consent page, the default, shows the browser a page to allow or decline; --consent auto allows everything at once.
--faults draws a schedule of what goes wrong by a seed: errors, broken connections and bodies, tokens that end early, refusals, late and repeated rows, a clock that is off.`,
		example: "zoomward simulate --listen 127.0.0.1:8787 --users 300 --geo /tmp/sim.mmdb > sim.env",
		flags: func(fs *flag.FlagSet) action {
			var c companyFlags
			c.register(fs)
			listen := fs.String("listen", "127.0.0.1:0", "")
			plan, scopes, geo := fs.String("plan", "pro", ""), fs.String("scopes", "", ""), fs.String("geo", "", "")
			labels := fs.String("labels", "", "")
			faults := fs.Uint64("faults", 0, "")
			var consent consentFlags
			consent.register(fs)
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if !slices.Contains([]string{"free", "pro", "business"}, *plan) {
					return usageErrorf("--plan: %q is not one of free, pro, business", *plan)
				}
				consentEnv, err := consent.complete(a.cfg)
				if err != nil {
					return err
				}
				company, err := c.company(a.asOf())
				if err != nil {
					return err
				}
				var schedule *zoomtest.Faults
				if *faults != 0 {
					drawn := zoomtest.RandomFaults(*faults)
					schedule = &drawn
				}
				server, err := zoomtest.NewServer(company, zoomtest.ServerOptions{
					Listen: *listen, AccountID: a.cfg.AccountID, ClientID: a.cfg.ClientID, ClientSecret: a.cfg.ClientSecret.Reveal(),
					Plan: *plan, Scopes: splitList(*scopes), AsOf: company.End(), Logger: a.log,
					RedirectURIs: consent.redirectURIs(), AutoConsent: consent.how == "auto", Faults: schedule,
				})
				if err != nil {
					return withHint(err, "--listen takes an address and port that are free, such as 127.0.0.1:8787")
				}
				defer server.Close()
				env := append(server.Env(), consentEnv...)
				if *geo != "" {
					path, err := writeGeo(company, *geo)
					if err != nil {
						return err
					}
					env = append(env, "ZOOMWARD_GEO_FILES="+path)
				}
				if *labels != "" {
					if err := writeLabels(*labels, company.Attacks()); err != nil {
						return err
					}
				}
				if !a.cfg.AsOf.IsZero() {
					env = append(env, "ZOOMWARD_AS_OF="+a.cfg.AsOf.Format(time.RFC3339))
				}
				for _, kv := range env {
					name, value, _ := strings.Cut(kv, "=")
					if _, err := fmt.Fprintf(a.stdout, "export %s=%s\n", name, shellQuote(value)); err != nil {
						return fmt.Errorf("print environment: %w", err)
					}
				}
				a.log.InfoContext(ctx, "serving a simulated account until interrupted", "url", server.URL, "users", c.users, "days", c.days, "plan", *plan)
				<-ctx.Done()
				return nil
			}
		},
	}
}

// writeGeo writes the location database of a company and returns its absolute path.
func writeGeo(company *zoomtest.Company, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("write location database: %w", err)
	}
	if err := writeWhole(path, company.WriteMMDB); err != nil {
		return "", err
	}
	return path, nil
}

// shellQuote writes a value so that a POSIX shell reads it back unchanged.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+,", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// splitList splits at commas and blanks; nothing gives nil.
func splitList(s string) []string {
	if list := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }); len(list) > 0 {
		return list
	}
	return nil
}

// makeDir makes sure that a folder exists and returns its absolute path.
func makeDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = store.MakeDir(dir)
	}
	if err != nil {
		return "", fmt.Errorf("create folder: %w", err)
	}
	return dir, nil
}
