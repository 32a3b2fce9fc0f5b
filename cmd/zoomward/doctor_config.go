package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// lookConfig says which configuration is in force and whether a run could work with it. What does not parse never gets here: every command refuses it.
func lookConfig(_ context.Context, p *patient) (out []finding) {
	for _, err := range []error{p.noDB, p.checkCredentials(), p.checkPosture()} {
		if err != nil {
			out = append(out, broken(err))
		}
	}
	if out == nil { // else the client would say the same again
		cfg, err := p.clientConfig()
		if err == nil {
			_, err = zoom.New(cfg)
		}
		if err != nil {
			out = append(out, broken(err))
		}
	}
	seen := "no file, so environment and defaults"
	if p.cfg.File != "" {
		seen = p.cfg.File
		if f := tooOpen(p.cfg.File, 0o022, "others can write it"); f != nil {
			out = append(out, f.todo("chmod go-w %s: whoever can write it can have the client secret sent elsewhere", p.cfg.File))
		}
	}
	if p.cfg.Instance != "" {
		seen += ", instance " + p.cfg.Instance
	}
	switch origin := p.cfg.origin("client_secret"); {
	case p.cfg.ClientSecret.IsZero():
	case origin != "default":
		seen += "; client secret from " + origin
	default: // read, so for its owner alone
		seen += "; client secret from " + p.cfg.value("client_secret_file")
	}
	if out == nil {
		out = append(out, ok("%s", seen))
	} else {
		out[0].Seen += " (" + seen + ")"
	}
	return out
}

// tooOpen warns where the mode of a file has any of these bits, nil where it has not or the file is not there.
func tooOpen(path string, bits fs.FileMode, why string) *finding {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&bits == 0 {
		return nil
	}
	f := warn("%s has mode %04o: %s", path, info.Mode().Perm(), why)
	return &f
}

// value is the text of a key.
func (c *Config) value(key string) string {
	for _, v := range c.values {
		if v.Key == key {
			return v.Value
		}
	}
	return ""
}

// megabytes writes a number of bytes for people.
func megabytes(n uint64) string {
	if n < 10e9 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
