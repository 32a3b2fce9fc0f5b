package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// The kinds of OAuth app.
const (
	appServerToServer = "server_to_server"
	appUserManaged    = "user_managed"
)

// defaultRedirectURL is where Zoom sends the browser unless told otherwise.
const defaultRedirectURL = "http://127.0.0.1:8765/callback"

// tokensPath is the file with the tokens of a consent, quotaPath the one with the calls of the day: beside the database, which others may read.
func tokensPath(db string) string { return db + ".tokens" }
func quotaPath(db string) string  { return db + ".quota" }

// listenAddress checks a redirect URL, which has to lead to this machine, and returns where to wait for it.
func listenAddress(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Port() == "" || u.Port() == "0" {
		return "", fmt.Errorf("%q is not a URL such as %s", raw, defaultRedirectURL)
	}
	host := u.Hostname()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%q: the host must be this machine: 127.0.0.1, [::1] or localhost", raw)
	}
	return net.JoinHostPort(host, u.Port()), nil
}

// oauthApp is the configured app.
func (a *app) oauthApp() zoom.App {
	return zoom.App{ClientID: a.cfg.ClientID, ClientSecret: a.cfg.ClientSecret, OAuthURL: a.cfg.OAuthURL, Now: a.wall}
}

// consent has a person consent in a browser and stores the tokens.
func (a *app) consent(ctx context.Context, paste bool, timeout time.Duration) error {
	if err := checkDatabase(&a.cfg); err != nil {
		return err
	}
	attempt, err := zoom.NewConsent(a.oauthApp(), a.cfg.RedirectURL)
	if err != nil {
		return usageErrorf("%w", err)
	}
	wait, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("nobody consented within %s", timeout))
	defer cancel()
	get := a.receiveCode
	if paste {
		get = a.pastedCode
	}
	code, err := get(wait, attempt)
	if err != nil && ctx.Err() == nil {
		return withHint(fmt.Errorf("get consent: %w", err), "zoomward connect begins anew")
	}
	if err != nil {
		return err
	}
	if err := attempt.Connect(ctx, zoom.NewTokenFile(tokensPath(a.cfg.DB)), code); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// pastedCode reads what the browser was sent back to from stdin.
func (a *app) pastedCode(ctx context.Context, attempt *zoom.Consent) (string, error) {
	fmt.Fprintf(a.stderr, "Open this page, consent, and paste the address that the browser ends on (it need not load):\n\n%s\n\n> ", attempt.URL)
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(a.stdin, maxPaste)).ReadString('\n')
		if errors.Is(err, io.EOF) && line != "" {
			err = nil
		}
		got <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case x := <-got:
		if x.err != nil {
			return "", errors.New("nothing was pasted")
		}
		return attempt.Pasted(x.line)
	}
}

// maxPaste bounds a pasted line.
const maxPaste = 16 << 10

// receiveCode waits for Zoom to send the browser back to this machine.
func (a *app) receiveCode(ctx context.Context, attempt *zoom.Consent) (string, error) {
	address, err := listenAddress(a.cfg.RedirectURL)
	if err != nil {
		return "", err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("wait for the browser: %w: free the port, or name another one in redirect_url and in the app", err)
	}
	type answer struct {
		code string
		err  error
	}
	got := make(chan answer, 1)
	web := &http.Server{ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10, Handler: a.callback(attempt, func(code string, err error) {
		select {
		case got <- answer{code, err}:
		default: // it is taken once
		}
	})}
	go func() { _ = web.Serve(ln) }() // ends with Shutdown
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = web.Shutdown(end) // the browser gets its page
	}()
	fmt.Fprintf(a.stderr, "Open this page in a browser on this machine and consent (without one: zoomward connect --paste):\n\n%s\n\nWaiting at %s\n", attempt.URL, a.cfg.RedirectURL)
	a.openBrowser(ctx, attempt.URL)
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case x := <-got:
		return x.code, x.err
	}
}

// callback answers the browser that Zoom sends back. Any program and any web page can send requests here: only one with the state of this attempt ends it.
func (a *app) callback(attempt *zoom.Consent, done func(code string, err error)) http.Handler {
	want, _ := url.Parse(a.cfg.RedirectURL) // was checked
	page := func(w http.ResponseWriter, status int, text string) {
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text+"\n")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Host != want.Host || r.URL.Path != "/"+strings.TrimPrefix(want.Path, "/") {
			page(w, http.StatusNotFound, "Nothing here.")
			return
		}
		code, err := attempt.Code(r.URL.Query())
		switch {
		case errors.Is(err, zoom.ErrWrongState), errors.Is(err, zoom.ErrReplayed):
			a.log.WarnContext(r.Context(), "an answer was refused", "err", err)
			page(w, http.StatusBadRequest, "Refused: "+err.Error()+".")
		case err != nil:
			page(w, http.StatusOK, "zoomward is not connected. The terminal says why.")
			done("", err)
		default:
			page(w, http.StatusOK, "Zoom has answered. Go back to the terminal: it says whether zoomward is connected.")
			done(code, nil)
		}
	})
}

// openBrowser tries to; a person can open the page as well.
func (a *app) openBrowser(ctx context.Context, page string) {
	name := "xdg-open"
	switch {
	case runtime.GOOS == "darwin":
		name = "open"
	case a.getenv("DISPLAY") == "" && a.getenv("WAYLAND_DISPLAY") == "":
		return
	}
	cmd := exec.CommandContext(ctx, name, page) //nolint:gosec // the page is made of the configured OAuth URL
	if err := cmd.Start(); err != nil {
		a.log.DebugContext(ctx, "no browser opened", "err", err)
		return
	}
	go func() { _ = cmd.Wait() }()
}
