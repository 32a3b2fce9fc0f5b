package archive

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// fromCSV reads a record of a file with a header.
func fromCSV(h *header, c *clock, rec record) Row {
	r := Row{Line: rec.line, Size: len(rec.text), Bad: rec.bad, text: rec.text}
	for i, f := range rec.fields {
		if i < len(h.secret) && h.secret[i] && len(f) > 3 {
			r.secrets = append(r.secrets, f)
		}
	}
	if r.Bad != "" {
		return r
	}
	fields := rec.fields
	for len(fields) > h.width && strings.TrimSpace(fields[len(fields)-1]) == "" {
		fields = fields[:len(fields)-1]
	}
	if len(fields) != h.width {
		r.Bad = fmt.Sprintf("row has %d fields, the header in %s has %d", len(fields), place(h.line), h.width)
		return r
	}
	var err error
	switch h.kind {
	case ZoomActivities:
		err = r.activity(h, c, fields)
	case ZoomOperations:
		err = r.operation(h, c, fields)
	case Okta:
		r.SignIn, r.Skip, err = csvOkta(h, c, fields)
	case Entra:
		r.SignIn, r.Skip, err = csvEntra(h, c, fields)
	}
	if err != nil {
		r.Bad = err.Error()
	}
	return r
}

// time reads the time of a record, which may stand in two columns.
func (h *header) time(c *clock, fields []string) (moment, error) {
	text := h.cell(fields, colTime)
	if date := h.cell(fields, colDate); date != "" {
		text = date + " " + text
	}
	return c.parse(text)
}

func (r *Row) activity(h *header, c *clock, fields []string) error {
	m, err := h.time(c, fields)
	if err != nil {
		return err
	}
	user := address(h.cell(fields, colUser))
	if user == "" {
		return errors.New("e-mail address is missing")
	}
	r.Portal, r.Alt = true, m.alt
	r.Activity = zoom.Activity{Email: user, Time: m.at, Type: activityType(h.cell(fields, colType)), IPAddress: optional(h.cell(fields, colIP)),
		ClientType: optional(h.cell(fields, colClient)), Version: optional(h.cell(fields, colVersion))}
	r.missing(m.minute, MissingSeconds)
	r.missing(!h.has(colIP), MissingIP)
	r.missing(!h.has(colClient), MissingClient)
	r.missing(!h.has(colVersion), MissingVersion)
	return nil
}

func (r *Row) operation(h *header, c *clock, fields []string) error {
	m, err := h.time(c, fields)
	if err != nil {
		return err
	}
	r.Portal, r.Alt = true, m.alt
	detail := ""
	if i := h.at[colDetail]; i < len(fields) {
		detail = unguarded(fields[i]) // blanks at its ends are part of it, as they are in the API
	}
	r.Operation = zoom.Operation{Time: m.at, Operator: address(optional(h.cell(fields, colUser))), Category: optional(h.cell(fields, colCategory)),
		Action: optional(h.cell(fields, colAction)), Detail: detail}
	if r.Operation.Operator == "" && r.Operation.Category == "" && r.Operation.Action == "" && strings.TrimSpace(detail) == "" {
		return errors.New("row has a time and nothing else")
	}
	r.missing(m.minute, MissingSeconds)
	r.missing(!h.has(colCategory), MissingCategory)
	r.missing(!h.has(colAction), MissingAction)
	return nil
}

func (r *Row) missing(is bool, what Missing) {
	if is {
		r.Missing |= what
	}
}

// activityType writes what happened as the API does; words that are not known stay.
func activityType(s string) string {
	words := strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
	switch words {
	case "sign in", "signin", "signed in", "log in", "login", "logged in":
		return zoom.TypeSignIn
	case "sign out", "signout", "signed out", "log out", "logout", "logged out":
		return zoom.TypeSignOut
	}
	return s
}

var bracketedAddress = regexp.MustCompile(`^[^<(]*[<(]\s*([^<>()\s]+@[^<>()\s]+)\s*[>)]$`)

// address takes the e-mail address out of "Name <address>" and "Name (address)".
func address(s string) string {
	if m := bracketedAddress.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return s
}

// optional reads a cell that may be empty: exports put a dash or a word there, where the API leaves the field out.
func optional(s string) string {
	s = unguarded(s)
	switch strings.ToLower(s) {
	case "-", "--", "n/a", "null", "none":
		return ""
	}
	return s
}

// unguarded takes away the apostrophe that keeps a spreadsheet from running text as a formula.
func unguarded(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte("=+-@", s[1]) >= 0 {
		return s[1:]
	}
	return s
}

func csvOkta(h *header, c *clock, fields []string) (SignIn, Skip, error) {
	result := h.cell(fields, colResult)
	if skip, err := judgeOkta(h.cell(fields, colType), result); skip != SkipNone || err != nil {
		return SignIn{}, skip, err
	}
	m, err := h.time(c, fields)
	if err != nil {
		return SignIn{}, SkipNone, err
	}
	s := SignIn{ID: h.cell(fields, colID), Provider: string(Okta), User: h.cell(fields, colUser), Time: m.at, IPAddress: optional(h.cell(fields, colIP)),
		Reason: firstOf(h.cell(fields, colReason), h.cell(fields, colDetail), result), Client: h.cell(fields, colClient)}
	if !h.has(colAppType) || h.cell(fields, colAppType) == "AppInstance" {
		s.Application = h.cell(fields, colApplication)
	}
	return s, SkipNone, s.check()
}

func csvEntra(h *header, c *clock, fields []string) (SignIn, Skip, error) {
	code := optional(h.cell(fields, colCode))
	status := h.cell(fields, colResult)
	success := strings.EqualFold(status, "success")
	switch {
	case code == "0", code == "" && success:
		return SignIn{}, SkipSuccess, nil
	case code == "" && status == "":
		return SignIn{}, SkipNone, errors.New("status and error code are missing")
	}
	m, err := h.time(c, fields)
	if err != nil {
		return SignIn{}, SkipNone, err
	}
	reason := entraReason(code, h.cell(fields, colReason))
	s := SignIn{ID: h.cell(fields, colID), Provider: string(Entra), User: h.cell(fields, colUser), Time: m.at, IPAddress: optional(h.cell(fields, colIP)),
		Reason: firstOf(reason, status), Application: h.cell(fields, colApplication), Client: h.cell(fields, colClient)}
	return s, SkipNone, s.check()
}

// isHeader says whether a record is the header once more, as where files were put one behind the other.
func (h *header) isHeader(fields []string) bool { return slices.Equal(h.cells, fields) }
