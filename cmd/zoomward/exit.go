package main

import (
	"context"
	"errors"
	"fmt"
)

// Exit codes that people script against.
const (
	exitDone     = 0 // everything asked for was done
	exitFailed   = 1 // it could not be done
	exitUsage    = 2 // wrong usage or configuration, nothing was done
	exitFindings = 3 // done, and there are findings at or above --fail-on
	exitPartial  = 4 // some feeds failed; everything landed is kept
	exitLocked   = 5 // another run holds the lock, nothing was done
)

// exitError is an error that decides the exit code. What to do about it, when there is something to do, stands in hint.
type exitError struct {
	code int
	err  error
	hint string
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// ExitCode returns the code that the program ends with.
func (e *exitError) ExitCode() int { return e.code }

// usageErrorf is an error of the person at the keyboard: exit 2.
func usageErrorf(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// withHint adds what to do to an error and keeps its exit code.
func withHint(err error, format string, args ...any) error {
	return &exitError{code: exitCode(err), err: err, hint: fmt.Sprintf(format, args...)}
}

// exitCode returns the code for an error: its own if it has one, else 1; 0 for none.
func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return exitFailed
}

// errInterrupted says that a signal ended the program. Whatever the interrupted step reports (DuckDB has words of its own) is a consequence of it.
var errInterrupted = errors.New("interrupted; what was landed so far is kept")

// describe writes an error for the terminal: the sentence, then hint lines.
func describe(err error) string {
	if errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) {
		return errInterrupted.Error()
	}
	text := err.Error()
	for _, h := range hints(err) {
		text += "\nhint: " + h
	}
	return text
}

// hints collects what to do from an error and everything it wraps.
func hints(err error) (out []string) {
	if x, ok := err.(*exitError); ok && x.hint != "" {
		out = append(out, x.hint)
	}
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		if inner := x.Unwrap(); inner != nil {
			out = append(out, hints(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range x.Unwrap() {
			out = append(out, hints(inner)...)
		}
	}
	return out
}
