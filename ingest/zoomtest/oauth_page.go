package zoomtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
)

var consentTemplate = template.Must(template.New("consent").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Authorize an app</title></head><body>
<h1>An app asks for access</h1>
<p>The app {{.Client}} asks to act for {{.User}} on the simulated account {{.Account}}. You will return to {{.Redirect}}.</p>
<form method="post" action="/oauth/authorize">
<input type="hidden" name="request" value="{{.Request}}">
<ul>{{range .Scopes}}
<li><label><input type="checkbox" name="scope" value="{{.}}" checked> {{.}}</label></li>{{end}}
</ul>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="decline">Decline</button>
</form></body></html>
`))

var failureTemplate = template.Must(template.New("failure").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Cannot authorize</title></head><body>
<h1>Cannot authorize</h1>
<p>{{.}}</p></body></html>
`))

// consentPage shows what the app asks for.
func (a *authority) consentPage(w http.ResponseWriter, ask authorizeRequest) {
	content, err := json.Marshal(ask)
	if err != nil {
		panic(fmt.Sprintf("encode authorization request: %v", err)) // strings alone: cannot happen
	}
	writePage(w, http.StatusOK, consentTemplate, map[string]any{
		"Client": a.opts.ClientID, "Account": a.opts.AccountID, "User": a.consenter(), "Redirect": ask.Redirect, "Scopes": ask.Scopes,
		"Request": a.tokens.seal(consentPurpose, consentTTL, content),
	})
}

// authorizeFailed tells the user, where the app cannot be told.
func authorizeFailed(w http.ResponseWriter, why string) {
	writePage(w, http.StatusBadRequest, failureTemplate, why)
}

func writePage(w http.ResponseWriter, status int, page *template.Template, data any) {
	var buf bytes.Buffer
	if err := page.Execute(&buf, data); err != nil {
		panic(fmt.Sprintf("write page: %v", err)) // into memory, of strings: cannot happen
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the browser has gone: nobody left to tell
}
