package zoomtest

import (
	"net"
	"net/http"
)

// reset ends the connection before any byte, with a TCP reset where it is TCP. Where there is no connection to take over it panics with
// http.ErrAbortHandler, which net/http servers take as the wish to end it; a test that calls the Handler itself has to recover that. Go's
// client sends a GET again by itself when this happens on a connection that it had used before.
func reset(_ *Handler, _ *faultState, w http.ResponseWriter, _ rateLabel) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the end is a plain one, which is a fault as well
	}
	_ = conn.Close() // gone either way
}
