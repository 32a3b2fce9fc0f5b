package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/zoomward/zoomward/ingest/zoom"
)

func disconnectCommand() command {
	return command{
		name: "disconnect", summary: "revoke access at Zoom and forget the tokens; data stays",
		detail: `For a user-managed app: revokes the consent at Zoom and removes <db>.tokens. For a server-to-server app: revokes an access token; whoever has the credentials
can get another, so deactivate the app in the Zoom App Marketplace as well. The database and the exports stay.`,
		example: "zoomward disconnect --config /etc/zoomward/config.yaml",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if err := a.checkCredentials(); err != nil {
					return err
				}
				if a.cfg.App == appUserManaged {
					return a.disconnectUser(ctx)
				}
				return a.disconnectServer(ctx)
			}
		},
	}
}

func (a *app) disconnectUser(ctx context.Context) error {
	if err := checkDatabase(&a.cfg); err != nil {
		return err
	}
	err := a.oauthApp().Disconnect(ctx, zoom.NewTokenFile(tokensPath(a.cfg.DB)))
	said := "revoked at Zoom"
	switch {
	case errors.Is(err, zoom.ErrNoTokens):
		said = "no tokens were stored"
	case zoom.IsReconnect(err):
		said = "Zoom did not take the stored tokens any more"
	case err != nil:
		return withHint(fmt.Errorf("disconnect: %w", err), "%s is kept; without Zoom's answer, remove the app in the account's Zoom App Marketplace and delete the file", tokensPath(a.cfg.DB))
	}
	return a.sayDisconnected(said)
}

func (a *app) disconnectServer(ctx context.Context) error {
	client, err := a.newClient()
	if err != nil {
		return err
	}
	defer closeClient(ctx, a, client)
	if err := client.Revoke(ctx); err != nil {
		return fmt.Errorf("disconnect: %w", err)
	}
	return a.sayDisconnected("revoked the access token; deactivate the app in the Zoom App Marketplace to end its credentials")
}

func (a *app) sayDisconnected(how string) error {
	if _, err := fmt.Fprintf(a.stdout, "%s\nStatus: Disconnected\n", how); err != nil {
		return fmt.Errorf("print status: %w", err)
	}
	return nil
}
