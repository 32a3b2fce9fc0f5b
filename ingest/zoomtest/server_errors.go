package zoomtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Codes of the API's error bodies.
const (
	codeInvalidToken  = 124
	codeNoPermission  = 200
	codeInvalid       = 300 // parameters and page tokens
	codeNotAllowed    = http.StatusMethodNotAllowed
	codeTooMany       = http.StatusTooManyRequests
	codeUserUnknown   = 1001
	codeNoAccount     = 2001
	codeNoEndpoint    = 2300
	codeNoMeeting     = 3001
	codeNoRecording   = 3301
	codeNoGroup       = 4130 // channels as well
	codeScopesMissing = 4711
	codeTooOld        = 12702
)

// Messages that clients compare as text.
const (
	messageTokenInvalid   = "Invalid access token."
	messageTokenExpired   = "Access token is expired."
	messagePageToken      = "The next page token is invalid or expired."
	messageNoEndpoint     = "This API endpoint is not recognized."
	messagePerSecondLimit = "You have reached the maximum per-second rate limit for this API. Try again later."
	messageDailyLimit     = "You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request."
)

// An apiError is the body of every refusal under /v2.
type apiError struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *apiError) write(w http.ResponseWriter) { writeJSON(w, e.status, e) }

// invalid refuses a parameter.
func invalid(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, Code: codeInvalid, Message: fmt.Sprintf(format, args...)}
}

func tokenRefused(message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, Code: codeInvalidToken, Message: message}
}

func scopesMissing(scopes []string) *apiError {
	message := "Invalid access token, does not contain scopes:[" + strings.Join(scopes, ", ") + "]."
	return &apiError{status: http.StatusBadRequest, Code: codeScopesMissing, Message: message}
}

// writeJSON answers with a JSON body of known length.
func writeJSON(w http.ResponseWriter, status int, body any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		// Only a Source that hands out settings JSON cannot spell gets here.
		status = http.StatusInternalServerError
		buf.Reset()
		buf.WriteString(`{"code":500,"message":"Internal server error."}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the client has gone: nobody left to tell
}
