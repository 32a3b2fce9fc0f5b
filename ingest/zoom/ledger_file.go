package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"
)

// ledgerVersion is the layout of a ledger file.
const ledgerVersion = 1

// maxLedgerBytes bounds the file: a day has under 200.
const maxLedgerBytes = 64 << 10

// maxSpent is more calls than any quota has.
const maxSpent = 1 << 30

// ledgerFile is what stands in the file.
type ledgerFile struct {
	Version int      `json:"zoomward_quota"`
	Spent   spending `json:"spent"`
}

type fileLedger struct {
	path string
	log  *slog.Logger
}

// FileLedger returns a Ledger in a JSON file, mode 0600, that any number of processes may share: each change is made under a lock (path.lock) and is on disk
// before it counts. The file and its folder are made when they are first needed. A file with anything else in it says nothing about what was spent: it is
// replaced, with a warning, and what Zoom itself reports with its answers bounds the day. A nil log discards.
func FileLedger(path string, log *slog.Logger) Ledger {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &fileLedger{path, log}
}

func (l *fileLedger) Claim(ctx context.Context, day time.Time, pool string, n, limit int) (got, spent int, err error) {
	err = l.change(ctx, day, func(s spending) bool {
		got, spent = s.claim(day, pool, n, limit)
		return got > 0
	})
	if err != nil {
		return 0, 0, err
	}
	return got, spent, nil
}

func (l *fileLedger) Return(ctx context.Context, day time.Time, pool string, n int) error {
	return l.change(ctx, day, func(s spending) bool { s.giveBack(day, pool, n); return n > 0 })
}

// ledgerPatience is how long a change waits for those of others, which take milliseconds.
const ledgerPatience = 10 * time.Second

// change reads the file, has f change what it says, and writes it where f asks for that, all under the lock.
func (l *fileLedger) change(ctx context.Context, day time.Time, f func(spending) bool) error {
	ctx, cancel := context.WithTimeout(ctx, ledgerPatience)
	defer cancel()
	unlock, err := lockFile(ctx, l.path)
	if err != nil {
		return err
	}
	defer unlock()
	text, err := readSmall(l.path, maxLedgerBytes)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errFileTooLarge) {
		return fmt.Errorf("read ledger of calls: %w", err)
	}
	s := spending{}
	if err == nil {
		s, err = decodeLedger(text)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.log.LogAttrs(ctx, slog.LevelWarn, "the ledger of calls is not readable and is begun anew: how many calls of today are spent is unknown until zoom says so",
			slog.String("path", l.path), slog.String("error", err.Error()))
		s = spending{}
	}
	if !f(s) {
		return nil
	}
	s.forget(day)
	if text, err = json.Marshal(ledgerFile{ledgerVersion, s}); err != nil {
		return fmt.Errorf("write ledger of calls: %w", err)
	}
	if err := writeDurably(l.path, append(text, '\n')); err != nil {
		return fmt.Errorf("write ledger of calls: %w", err)
	}
	return nil
}

// decodeLedger reads a ledger file. Whatever it would not have written itself is an error.
func decodeLedger(text []byte) (spending, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var f ledgerFile
	if err := dec.Decode(&f); err != nil {
		return nil, errors.New("it is not a ledger of calls")
	}
	if f.Version != ledgerVersion || dec.More() {
		return nil, errors.New("it is not a ledger of calls of this version")
	}
	for d, pools := range f.Spent {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return nil, fmt.Errorf("%q is not a day", line(d, 20))
		}
		for pool, n := range pools {
			if n < 0 || n > maxSpent {
				return nil, fmt.Errorf("%d calls of %q cannot be", n, line(pool, 20))
			}
		}
	}
	if f.Spent == nil {
		f.Spent = spending{}
	}
	return f.Spent, nil
}
