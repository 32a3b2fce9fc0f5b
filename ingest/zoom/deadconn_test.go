package zoom

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// relay forwards connections to a server; stall stops the present ones without closing them, as a firewall does that forgets them.
type relay struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
	off   []*atomic.Bool // of the connections so far
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: ln}
	t.Cleanup(func() {
		ln.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, c := range r.conns {
			c.Close()
		}
	})
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				return
			}
			off := new(atomic.Bool)
			r.mu.Lock()
			r.conns, r.off = append(r.conns, in, out), append(r.off, off)
			r.mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() { _, _ = io.Copy(switched{way[1], off}, way[0]) }()
			}
		}
	}()
	return r
}

func (r *relay) stall() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, off := range r.off {
		off.Store(true)
	}
}

// switched swallows what is written while off is set.
type switched struct {
	io.Writer
	off *atomic.Bool
}

func (s switched) Write(p []byte) (int, error) {
	if s.off.Load() {
		return len(p), nil
	}
	return s.Writer.Write(p)
}

// A connection that died without a word, after a laptop slept or a firewall forgot it, must not take every try of a call with it.
func TestDeadConnection(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("%s over %s", r.URL.Path, r.Proto)
		}
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/oauth/token" {
			fmt.Fprint(w, `{"access_token":"x","token_type":"bearer","expires_in":3599}`)
			return
		}
		fmt.Fprint(w, `{"page_size":300,"users":[]}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	between := newRelay(t, srv.Listener.Addr().String())
	url := "https://" + between.Addr().String()
	transport := newTransport()
	transport.HTTP2.SendPingTimeout, transport.HTTP2.PingTimeout = 50*time.Millisecond, 50*time.Millisecond
	transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	c, err := New(Config{AccountID: "a", ClientID: "b", ClientSecret: NewSecret("c"), APIURL: url + "/v2", OAuthURL: url, Plan: PlanNone, HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	c.timeout = time.Second
	c.jitter = func() float64 { return -0.9 }
	if _, _, err := listUsers(c); err != nil {
		t.Fatal(err)
	}
	between.stall()
	if _, _, err := listUsers(c); err != nil {
		t.Error(err)
	}
}
