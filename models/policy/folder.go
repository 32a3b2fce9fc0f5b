package policy

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxPolicies bounds a folder.
const maxPolicies = 500

// A File is what one file of a folder holds: a policy, or why it holds none.
type File struct {
	Policy
	Err error
}

// ReadFile reads one policy.
func ReadFile(path string) (Policy, error) {
	f, err := os.Open(path)
	if err != nil {
		return Policy{File: path}, fmt.Errorf("read policy: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Policy{File: path}, fmt.Errorf("read policy %s: %w", path, err)
	}
	return Parse(path, raw)
}

// ReadFolder reads every file of a folder whose name ends in .sql, in order of their names. A file that cannot be read has its error; a second file with an id that an
// earlier one has is such a file. The error is of the folder itself.
func ReadFolder(dir string) ([]File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read folder of policies: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return e.IsDir() || strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), ".sql")
	})
	if len(entries) > maxPolicies {
		return nil, fmt.Errorf("folder of policies %s has %d files: at most %d are run", dir, len(entries), maxPolicies)
	}
	var out []File
	first := map[string]string{}
	for _, e := range entries {
		p, err := ReadFile(filepath.Join(dir, e.Name()))
		if other, ok := first[p.ID]; err == nil && ok {
			err = fmt.Errorf("policy %s: id %s is that of %s: give it one of its own", p.File, p.ID, other)
			p.ID = ""
		}
		if err == nil {
			first[p.ID] = p.File
		}
		out = append(out, File{p, err})
	}
	return out, nil
}
