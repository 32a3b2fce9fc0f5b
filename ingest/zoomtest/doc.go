// Package zoomtest simulates a Zoom account over HTTP, in the spirit of net/http/httptest: tests and demos run a real client against it
// without a Zoom subscription.
//
// It is written from Zoom's published API description and shares no code with the client it exercises, so that a wrong reading of the
// protocol shows up as a failing test rather than as two halves that agree with each other.
//
// A [Source] says what the account holds; [Company] generates one from a seed. [NewHandler] serves a source as an [net/http.Handler],
// [NewServer] listens on a loopback port:
//
//	srv, err := zoomtest.NewServer(src, zoomtest.ServerOptions{Plan: "pro"})
//	if err != nil { ... }
//	defer srv.Close()
//	fmt.Println(strings.Join(srv.Env(), "\n"))
//
// # What is served
//
//	GET  /oauth/authorize                      authorization code, with PKCE or without; a page to allow or decline
//	POST /oauth/token                          account_credentials, authorization_code, refresh_token
//	POST /oauth/revoke
//	GET  /v2/users                             Medium
//	GET  /v2/users/{id|email|me}               Light
//	GET  /v2/report/activities                 Heavy
//	GET  /v2/report/operationlogs              Heavy
//	GET  /v2/accounts/{id|me}/settings         Medium
//	GET  /v2/accounts/{id|me}/lock_settings    Medium
//
// and, as far as the source implements [Organization], [Conferences], [Messenger], [Calendar] and [AppStore] (without them these are empty):
//
//	GET  /v2/roles, /roles/{id}, /roles/{id}/members                          Medium, Light, Medium
//	GET  /v2/groups, /groups/{id}, /groups/{id}/members                       Medium, Light, Medium
//	GET  /v2/im/groups                                                        Medium
//	GET  /v2/groups/{id}/settings, /groups/{id}/lock_settings                 Medium
//	GET  /v2/accounts/{id|me}/managed_domains, /accounts/{id|me}/trusted_domains   Light
//	GET  /v2/users/{id|email|me}/settings, /users/{id|email|me}/recordings    Medium
//	GET  /v2/meetings/{id|uuid}/recordings/settings                           Light
//	GET  /v2/report/daily, /report/users, /report/users/{id}/meetings         Heavy
//	GET  /v2/report/meetings/{id|uuid}, /report/meetings/{id|uuid}/participants   Heavy
//	GET  /v2/report/cloud_recording, /report/telephone, /report/remote_support    Heavy
//	GET  /v2/report/meeting_activities, /report/history_meetings              Heavy
//	GET  /v2/past_meetings/{id|uuid}/participants                             Medium
//	GET  /v2/metrics/meetings                                                 Resource-intensive, plan business
//	GET  /v2/metrics/meetings/{id|uuid}/participants                          Heavy, plan business
//	GET  /v2/chat/users/{id}/channels, /chat/users/{id}/channels/{id}/members     Medium
//	GET  /v2/chat/channels, /chat/activities/channels                         Medium
//	GET  /v2/users/{id|email|me}/assistants, /users/{id|email|me}/meetings     Medium
//	GET  /v2/meetings/{id}                                                    Light
//	GET  /v2/phone/account_settings                                           Light
//	GET  /v2/marketplace/apps                                                 Medium
//
// /report/upcoming_events refuses for want of a permission (code 200). Everything else answers 404 with code 2300. HEAD is served where GET is.
//
// All of it is one account: the same meeting has the same UUID, people and times wherever it shows, hosts meet while they work, people sit in the
// networks of their sign-ins, and groups and roles hold the users who name them. What Zoom would send and a client must not keep is there as well:
// passcodes, host keys, download links, hardware addresses. Meeting numbers in the operation log belong to recordings made before and are not looked up.
//
// A request is judged in this order: path, method, access token, rate limit, scope, plan, parameters. A request refused before the rate
// limit costs nothing; one refused after it has been counted. Of the faults, those that take the place of an answer come before the token, or
// where their name says.
//
// # What goes wrong
//
// [Faults] are a schedule by seed of what real networks and a busy API do: errors, broken connections and bodies, tokens that end early, refusals that
// nobody deserved, rows that come late or twice, a clock that is off. [RandomFaults] mixes them all. They are switched with
// [Handler.SetFaults]; [Handler.SetScopes], [Handler.Deactivate] and [Handler.SpendQuota] are what an administrator and other apps do meanwhile.
// [Handler.Traffic] says what the server saw, and tells rate limits that the client broke from refusals that were injected.
//
// The server sleeps and, unless told otherwise, reads the time as the time package does: in a testing/synctest bubble days of traffic take no
// time. Clients there call the Handler itself, for sockets do not work in a bubble; FaultReset and FaultCutChunks then show as a panic with
// [net/http.ErrAbortHandler].
//
// # Where the API description is silent
//
//   - Report rows come newest first, as in the documentation's examples and in the portal.
//   - `to` is inclusive, in UTC days.
//   - A month is 31 days: 15 January to 15 February is accepted, 16 February is not; 1 February 2026 reaches to 4 March.
//   - from and to may carry a time, which is ignored; page_size and page_number below 1 count as absent; a slash at the end of a path changes nothing;
//     unknown parameters are ignored. Clients in use need each of these.
//   - Six months are counted back from AsOf in calendar months, to the day.
//   - One app has both kinds of grant, and the account's owner is the user who consents. A code is used up by the exchange that succeeds; a
//     refresh token by its use, while access tokens from before live on. A token of a grant that was revoked or replaced answers 401 with code 4741.
//   - Participants are counted once each, however often they rejoin; those who never left the waiting room do not count.
//   - A meeting belongs to the day on which it began (UTC), in every report. Lists of meetings come newest first, participants in the order of joining.
//   - A meeting number names its latest meeting that is over; on the dashboard, with type=live, the one under way.
//   - type=past on the dashboard holds all meetings that are over, pastOne those of a single person.
//   - Channel members come 100 a page at most, channel activities and apps 300.
//   - An account without Zoom Phone refuses its settings as one whose plan lacks them (code 200).
//   - A refused dashboard (plans below business) says "No permission.".
//   - Page tokens hold the place and not the rows: they are sealed, bound to the account, the endpoint and the parameters, and die after 15 minutes.
package zoomtest
