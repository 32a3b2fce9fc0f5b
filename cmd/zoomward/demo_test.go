package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoomtest"
)

func TestCompareWithPlantedAttacks(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	attacks := []zoomtest.Attack{
		{ID: "1", User: "a@example.com", Users: []string{"a@example.com"}, Start: at(5, 8), End: at(5, 10)},
		{ID: "2", User: "b@example.com", Operator: "admin@example.com", Users: []string{"b@example.com", "c@example.com"}, Start: at(10, 0), End: at(12, 0)},
	}
	type alert struct {
		user       string
		start, end time.Time
		evidence   string
	}
	tests := []struct {
		name   string
		alerts []alert
		found  []bool
		others int
	}{
		{"none", nil, []bool{false, false}, 0},
		{"inside", []alert{{"a@example.com", at(5, 0), at(5, 23), ""}}, []bool{true, false}, 0},
		{"on the day after", []alert{{"A@example.com", at(6, 9), at(6, 23), ""}}, []bool{true, false}, 0},
		{"more than a day late", []alert{{"a@example.com", at(6, 11), at(6, 23), ""}}, []bool{false, false}, 1},
		{"before", []alert{{"a@example.com", at(4, 0), at(5, 7), ""}}, []bool{false, false}, 1},
		{"by operator, twice", []alert{{"admin@example.com", at(11, 0), at(11, 1), ""}, {"admin@example.com", at(12, 0), at(12, 1), ""}}, []bool{false, true}, 0},
		{"a touched account is neither found nor another alert", []alert{{"c@example.com", at(11, 0), at(11, 1), ""}}, []bool{false, false}, 0},
		{"somebody else", []alert{{"x@example.com", at(5, 8), at(5, 9), ""}}, []bool{false, false}, 1},
		{"on several users", []alert{{"", at(5, 8), at(5, 9), `{"details":{"users":["x@example.com","a@example.com"]}}`}}, []bool{true, false}, 0},
		{"nobody named", []alert{{"", at(5, 8), at(5, 9), ""}}, []bool{false, false}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var rows alertRows
			for _, x := range tt.alerts {
				rows.User, rows.Start, rows.End = append(rows.User, x.user), append(rows.Start, x.start), append(rows.End, x.end)
				rows.Evidence = append(rows.Evidence, x.evidence)
			}
			found, others := rows.compare(attacks)
			if d := cmp.Diff(tt.found, found); d != "" || others != tt.others {
				t.Errorf("others %d, want %d %s", others, tt.others, d)
			}
		})
	}
}

func TestShellQuote(t *testing.T) {
	for in, want := range map[string]string{"": "''", "abc-1_/:.@": "abc-1_/:.@", "it's": `'it'\''s'`, "a b": "'a b'", "$(x)": "'$(x)'", "ä": "'ä'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", in, got, want)
		}
	}
}
