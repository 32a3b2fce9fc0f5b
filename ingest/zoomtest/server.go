package zoomtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds on what a client may make the server hold or wait for.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 2 * time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	closeTimeout   = 5 * time.Second
)

// A Server is a simulated account that listens.
type Server struct {
	*Handler
	// URL is the address without a path: the OAuth endpoints are below it, the API under /v2.
	URL string

	close func() error
}

// NewServer listens on ServerOptions.Listen and serves until Close.
func NewServer(src Source, o ServerOptions) (*Server, error) {
	h, err := NewHandler(src, o)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", h.opts.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for simulated account: %w", err)
	}
	var underWay sync.WaitGroup
	web := &http.Server{
		Handler:           waitedFor(&underWay, h),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(h.opts.Logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- web.Serve(ln) }()
	return &Server{
		Handler: h,
		URL:     "http://" + reachable(ln.Addr()),
		close:   sync.OnceValue(func() error { return shutDown(web, &underWay, served) }),
	}, nil
}

// reachable replaces the address that means every interface by the loopback one, which a client on this machine can use.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
}

// Env returns the environment, as NAME=value, that points zoomward at this account. It holds the client secret. Without limits the plan
// is "none", which asks the client not to pace itself either.
func (s *Server) Env() []string {
	plan := s.opts.Plan
	if s.opts.NoLimits {
		plan = "none"
	}
	return []string{
		"ZOOM_ACCOUNT_ID=" + s.opts.AccountID,
		"ZOOM_CLIENT_ID=" + s.opts.ClientID,
		"ZOOM_CLIENT_SECRET=" + s.opts.ClientSecret,
		"ZOOMWARD_API_URL=" + s.URL + "/v2",
		"ZOOMWARD_OAUTH_URL=" + s.URL,
		"ZOOMWARD_PLAN=" + plan,
	}
}

// waitedFor tells a group of requests that are under way. net/http does not wait for those that took their connection over, as a reset does.
func waitedFor(underWay *sync.WaitGroup, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		underWay.Add(1)
		defer underWay.Done()
		next.ServeHTTP(w, r)
	})
}

// Close stops listening, lets requests under way finish for a few seconds and cuts off the rest: what was finished has been counted. It may
// be called again.
func (s *Server) Close() error { return s.close() }

func shutDown(web *http.Server, underWay *sync.WaitGroup, served <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := web.Shutdown(ctx)
	switch {
	case err == nil:
		underWay.Wait() // nothing comes in any more
	case errors.Is(err, context.DeadlineExceeded):
		err = web.Close()
	}
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	if err != nil {
		return fmt.Errorf("close simulated account: %w", err)
	}
	return nil
}
