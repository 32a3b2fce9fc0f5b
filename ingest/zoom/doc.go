// Package zoom is a client of Zoom's REST API for reading what an account did: its users, sign-ins, operation logs and settings.
//
// It speaks Server-to-Server OAuth and the consent of users (PKCE, rotating refresh tokens), keeps inside Zoom's rate limits per label and plan and inside the
// quota of the day, repeats what is worth repeating, follows page tokens, and turns every refusal into a typed error that says what to do. It only ever
// reads. It knows nothing of the database.
//
//	c, err := zoom.New(zoom.Config{AccountID: id, ClientID: client, ClientSecret: zoom.NewSecret(secret), Plan: zoom.PlanBusiness})
//	err = c.Activities(ctx, from, to, func(p zoom.Page[zoom.Activity]) error { return land(p.Rows) })
package zoom
