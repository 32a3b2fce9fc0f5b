package main

import (
	"io"
	"log/slog"
)

// newLogger writes logs to w in the configured level and format.
func newLogger(w io.Writer, c Config) *slog.Logger {
	var level slog.Level
	// The config has checked the word.
	_ = level.UnmarshalText([]byte(c.LogLevel))
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
