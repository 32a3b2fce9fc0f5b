package geo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Bounds of a download.
const (
	maxRedirects  = 5
	fetchTimeout  = 30 * time.Minute // the largest databases have more than a gigabyte
	headerTimeout = time.Minute
)

// source is where Update reads from: the bytes as they came, the name at the end of the address, and when they changed last (zero: unknown).
type source struct {
	io.ReadCloser
	name     string
	modified time.Time
}

// openSource opens a file or asks a URL.
func openSource(ctx context.Context, from string, rt http.RoundTripper) (source, error) {
	if isURL(from) {
		return openURL(ctx, from, rt)
	}
	f, err := os.Open(from)
	if err != nil {
		return source{}, fmt.Errorf("read the new file: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return source{}, fmt.Errorf("read the new file %s: %w", from, err)
	}
	return source{f, filepath.Base(from), info.ModTime()}, nil
}

func isURL(s string) bool { return strings.Contains(s, "://") }

// openURL asks for a URL. It does without http.Client, whose errors repeat addresses and with them licence keys and signatures.
func openURL(ctx context.Context, from string, rt http.RoundTripper) (source, error) {
	u, err := url.Parse(from)
	if err != nil {
		return source{}, errors.New("fetch: the address is not a URL") // err repeats it
	}
	plainAllowed := u.Scheme == "http"
	name := path.Base(u.Path)
	for range maxRedirects + 1 {
		if err := checkScheme(u, plainAllowed); err != nil {
			return source{}, fmt.Errorf("fetch from %s: %w", u.Hostname(), err)
		}
		resp, err := get(ctx, rt, u)
		if err != nil {
			return source{}, fmt.Errorf("fetch from %s: %w", u.Hostname(), err)
		}
		switch resp.StatusCode {
		case http.StatusOK:
			modified, err := http.ParseTime(resp.Header.Get("Last-Modified"))
			if err != nil {
				modified = time.Time{}
			}
			return source{resp.Body, name, modified}, nil
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			_ = resp.Body.Close()
			next, err := u.Parse(resp.Header.Get("Location"))
			if err != nil || resp.Header.Get("Location") == "" {
				return source{}, fmt.Errorf("fetch from %s: it points to an address that is none", u.Hostname())
			}
			if next.User == nil && next.Scheme == u.Scheme && next.Host == u.Host {
				next.User = u.User
			}
			u = next
		default:
			_ = resp.Body.Close()
			return source{}, fmt.Errorf("fetch from %s: status %d %s%s", u.Hostname(), resp.StatusCode, http.StatusText(resp.StatusCode), statusHint(resp.StatusCode))
		}
	}
	return source{}, fmt.Errorf("fetch from %s: more than %d redirects", u.Hostname(), maxRedirects)
}

func statusHint(code int) string {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ": check account and licence key or token"
	case http.StatusNotFound:
		return ": check the address"
	case http.StatusTooManyRequests:
		return ": fetched too often today, try later"
	}
	return ""
}

// checkScheme accepts https, and http to a loopback address when that was asked for in the first place.
func checkScheme(u *url.URL, plainAllowed bool) error {
	host := u.Hostname()
	ip := net.ParseIP(host)
	switch loopback := host == "localhost" || ip != nil && ip.IsLoopback(); {
	case host == "":
		return errors.New("the address names no host")
	case u.Scheme == "https", u.Scheme == "http" && plainAllowed && loopback:
		return nil
	}
	return errors.New("only https is safe to fetch from (http from a loopback address alone)")
}

// get sends one request. Its errors do not repeat the address.
func get(ctx context.Context, rt http.RoundTripper, u *url.URL) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("the address is not a URL")
	}
	if u.User != nil {
		password, _ := u.User.Password()
		req.SetBasicAuth(u.User.Username(), password)
	}
	req.Header.Set("User-Agent", "zoomward")
	return rt.RoundTrip(req)
}

// fetchTransport is what asks for URLs unless told otherwise.
func fetchTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true // a checksum is one of the file as it is offered
	t.ResponseHeaderTimeout = headerTimeout
	t.DisableKeepAlives = true
	return t
}
