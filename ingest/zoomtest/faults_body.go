package zoomtest

import (
	"bytes"
	"net/http"
	"strconv"
)

func notJSON(_ *Handler, _ *faultState, w http.ResponseWriter, _ rateLabel) {
	writeText(w, http.StatusOK, "text/html", "<!DOCTYPE html>\n<html><body><h1>Please sign in to this network</h1></body></html>\n")
}

// A heldAnswer keeps status and body back, while headers go to the real writer.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// hold lets a handler answer into memory.
func hold(next http.Handler, w http.ResponseWriter, r *http.Request) *heldAnswer {
	held := &heldAnswer{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(held, r)
	return held
}

// WriteHeader implements http.ResponseWriter.
func (a *heldAnswer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *heldAnswer) Write(b []byte) (int, error) { return a.body.Write(b) }

// release sends a body with the status that was held.
func (a *heldAnswer) release(body []byte) {
	a.Header().Set("Content-Length", strconv.Itoa(len(body)))
	a.ResponseWriter.WriteHeader(a.status)
	_, _ = a.ResponseWriter.Write(body) // the client has gone: nobody left to tell
}

// cutShort sends half of what is a 200, other answers as they are. A token is never lost in this way: a refresh token could not be had again.
func (i *incident) cutShort(next http.Handler, w http.ResponseWriter, r *http.Request) {
	held := hold(next, w, r)
	body := held.body.Bytes()
	if r.Method != http.MethodGet || held.status != http.StatusOK || !i.strikes(i.failure) {
		held.release(body)
		return
	}
	if i.failure == FaultCutChunks {
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(held.status)
	_, _ = w.Write(body[:len(body)/2]) // the client has gone: nobody left to tell
	if i.failure == FaultCutChunks {
		_ = http.NewResponseController(w).Flush() // a writer that cannot will not have sent chunks
		panic(http.ErrAbortHandler)               // net/http then ends the connection without the last chunk
	}
}
