package zoomtest

import (
	"net/http"
	"strconv"
	"time"
)

func internalError(_ *Handler, _ *faultState, w http.ResponseWriter, _ rateLabel) {
	(&apiError{status: http.StatusInternalServerError, Code: http.StatusInternalServerError, Message: "Internal server error."}).write(w)
}

func badGateway(_ *Handler, _ *faultState, w http.ResponseWriter, _ rateLabel) {
	writeText(w, http.StatusBadGateway, "text/html", "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n")
}

func unavailable(_ *Handler, s *faultState, w http.ResponseWriter, _ rateLabel) {
	w.Header().Set("Retry-After", seconds(s.RetryAfter))
	(&apiError{status: http.StatusServiceUnavailable, Code: http.StatusServiceUnavailable, Message: "Service unavailable."}).write(w)
}

func quotedError(_ *Handler, _ *faultState, w http.ResponseWriter, _ rateLabel) {
	writeText(w, http.StatusInternalServerError, "application/json;charset=UTF-8", `{"code":500,"message":"The field "account" cannot be read."}`)
}

// seconds spells a duration in whole seconds, rounded up: a client that waits as long has waited enough.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

func writeText(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the client has gone: nobody left to tell
}
