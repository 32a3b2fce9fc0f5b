package report

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// hostile is text that an attacker may have chosen: it must arrive as text wherever it stands.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.Version}}`

func full(text string) *Page {
	return &Page{
		Account: text, Version: text, At: monday, Run: Run{ID: text, Status: text, From: text, To: text, Users: 3}, Warning: []string{text},
		Tiles: []Tile{{Value: text, Label: text, Note: text, Class: "bad"}}, Weeks: []Week{{Monday: monday, Counts: map[string]int{"high": 2, text: 1}}},
		Alerts: []Alert{{ID: text, Severity: "high", Title: text, User: text, Status: text, Owner: text, Summary: text, Explanation: text, Start: monday}}, Closed: 1, More: 2, Withheld: 3,
		Risks: []Risk{{User: text, Score: 5, Percentile: 99, Change: -1, Parts: []string{text, text}}},
		Posture: Posture{Judged: true, Score: 61, Achievable: 90, Coverage: 80, History: []Point{{monday, 50}, {monday.AddDate(0, 0, 1), 61}}, Counts: []Count{{text, 1}},
			Fix: []Control{{ID: text, Title: text, Severity: "low", Status: "fail", Observed: text, Remediation: text, Gain: 1.25}}, All: []Control{{ID: text, Title: text, Reason: text, Exception: text}},
			Changes: []Change{{At: monday, What: text, Before: text, After: text, Who: text}}},
		Missing: []Missing{{Data: text, Todo: text, Detections: []string{text}}}, Feeds: []Feed{{Name: text, State: text, Message: text, Until: monday}},
		Drift: []Level{{Week: monday, Nominal: 0.01, Realised: 0.02, Lower: 0.005, Higher: 0.015, Drifting: true}},
	}
}

func render(t *testing.T, p *Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHostileText(t *testing.T) {
	text := render(t, full(hostile))
	for _, bad := range []string{"<script", "<img", "onerror=alert(1)>{{"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q unescaped", bad)
		}
	}
	// Once for every field that holds it; the page says 30 texts or more.
	if n := strings.Count(text, "&lt;script&gt;"); n < 30 {
		t.Errorf("%d texts arrived, want all of them", n)
	}
}

func TestPageLoadsNothing(t *testing.T) {
	text := render(t, full("text"))
	if !strings.Contains(text, `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`) {
		t.Error("the page's policy is not the strict one")
	}
	for _, bad := range []string{"http://", "https://", "@import", "url(", "src=", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

func TestEmptyPage(t *testing.T) {
	text := render(t, &Page{At: monday})
	for _, want := range []string{"No open alert.", "No finding of the last seven days", "Posture was not judged yet", "All detections have the data they need."} {
		if !strings.Contains(text, want) {
			t.Errorf("the empty page does not say %q", want)
		}
	}
	if strings.Contains(text, "<svg") {
		t.Error("the empty page draws a chart of nothing")
	}
}

func TestNiceAbove(t *testing.T) {
	for x, want := range map[float64]float64{0: 2, 1: 2, 2: 2, 3: 4, 5: 10, 10: 10, 11: 20, 41: 100, 100: 100, 101: 200} {
		if got := niceAbove(x); got != want {
			t.Errorf("niceAbove(%g) = %g, want %g", x, got, want)
		}
	}
}

// Bars lie inside the chart, those of a week stand on each other, and their heights are to each other as the counts.
func TestBars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weeks := make([]Week, rapid.IntRange(1, 30).Draw(t, "weeks"))
		want := 0
		for i := range weeks {
			weeks[i] = Week{Monday: monday.AddDate(0, 0, 7*i), Counts: map[string]int{}}
			for _, s := range Severities {
				n := rapid.IntRange(0, 50).Draw(t, s)
				weeks[i].Counts[s] = n
				want += n
			}
		}
		c := bars(weeks)
		sum, below := 0.0, map[float64]float64{}
		for _, b := range c.Bars {
			if b.X < marginLeft || b.X+b.Width > c.Width || b.Y < marginAbove-1e-9 || b.Y+b.Height > c.Height-marginBelow+1e-9 {
				t.Fatalf("bar %+v lies outside", b)
			}
			floor, ok := below[b.X]
			if !ok {
				floor = c.Height - marginBelow
			}
			if math.Abs(b.Y+b.Height-floor) > 1e-6 {
				t.Fatalf("bar %+v does not stand on %g", b, floor)
			}
			below[b.X] = b.Y
			sum += b.Height
		}
		if len(c.Rules) == 0 {
			t.Fatal("no scale")
		}
		top := 0.0
		for _, w := range weeks {
			n := 0
			for _, k := range w.Counts {
				n += k
			}
			top = math.Max(top, float64(n))
		}
		if got := sum / (c.Height - marginBelow - marginAbove) * niceAbove(top); math.Abs(got-float64(want)) > 1e-6 {
			t.Fatalf("bars amount to %g alerts, want %d", got, want)
		}
	})
}

func TestLine(t *testing.T) {
	c := line([]Point{{monday, 0}, {monday.AddDate(0, 0, 5), 100}, {monday.AddDate(0, 0, 10), 50}})
	if len(c.Dots) != 3 || c.Dots[0].Y != chartHeight-marginBelow || c.Dots[1].Y != marginAbove || c.Dots[2].Y != (chartHeight-marginBelow+marginAbove)/2 {
		t.Errorf("dots %+v", c.Dots)
	}
	if mid := (c.Dots[0].X + c.Dots[2].X) / 2; math.Abs(c.Dots[1].X-mid) > 1e-9 {
		t.Errorf("the middle of the time stands at %g, want %g", c.Dots[1].X, mid)
	}
	if one := line([]Point{{monday, 61}}); len(one.Dots) != 1 || len(one.Labels) != 1 {
		t.Errorf("one score: %+v", one)
	}
}

func TestMeter(t *testing.T) {
	for _, tc := range []struct {
		x, most float64
		want    string
	}{{5, 10, "50.0%"}, {0, 10, "0%"}, {5, 0, "0%"}, {20, 10, "100.0%"}, {math.NaN(), 1, "0%"}} {
		if got := meter(tc.x, tc.most); got != tc.want {
			t.Errorf("meter(%g, %g) = %s, want %s", tc.x, tc.most, got, tc.want)
		}
	}
}

func TestWhatTheListLeavesOut(t *testing.T) {
	text := render(t, full("text"))
	for _, want := range []string{"2 more open alerts", "1 alerts are closed", "3 further findings are no alerts as the budget of alerts was used up"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
