package report

import (
	"fmt"
	"math"
	"time"
)

// Size of a chart in its own units; the page scales it.
const (
	chartWidth  = 720.0
	chartHeight = 180.0
	marginLeft  = 36.0
	marginBelow = 24.0
	marginAbove = 8.0
)

// A chart is lines, bars and texts at their places.
type chart struct {
	Width, Height float64
	Title         string
	Rules         []rule // horizontal ones with their value
	Bars          []bar
	Path          string // of a line, "" for none
	Dots          []dot
	Labels        []label // below
}

type rule struct {
	Y    float64
	Text string
}

type bar struct {
	X, Y, Width, Height float64
	Class, Text         string
}

type dot struct {
	X, Y float64
	Text string
}

type label struct {
	X    float64
	Text string
}

// bars stacks the alerts of weeks by severity.
func bars(weeks []Week) chart {
	c := chart{Width: chartWidth, Height: chartHeight, Title: "Alerts by week and severity"}
	most := 0
	for _, w := range weeks {
		n := 0
		for _, k := range w.Counts {
			n += k
		}
		most = max(most, n)
	}
	top := niceAbove(float64(most))
	c.Rules = rules(top)
	step := (chartWidth - marginLeft) / float64(max(len(weeks), 1))
	every := max(1, int(math.Ceil(64/step)))
	for i, w := range weeks {
		x := marginLeft + step*float64(i)
		y := chartHeight - marginBelow
		for _, s := range Severities {
			n := w.Counts[s]
			if n == 0 {
				continue
			}
			h := (chartHeight - marginBelow - marginAbove) * float64(n) / top
			y -= h
			c.Bars = append(c.Bars, bar{x + step*0.15, y, step * 0.7, h, s, fmt.Sprintf("week of %s: %d %s", w.Monday.Format(time.DateOnly), n, s)})
		}
		if i%every == 0 {
			c.Labels = append(c.Labels, label{x + step/2, w.Monday.Format("2 Jan")})
		}
	}
	return c
}

// line draws scores between 0 and 100 over time.
func line(points []Point) chart {
	c := chart{Width: chartWidth, Height: chartHeight, Title: "Posture score over time, in percent", Rules: rules(100)}
	if len(points) == 0 {
		return c
	}
	first, last := points[0].At, points[len(points)-1].At
	span := last.Sub(first).Seconds()
	for i, p := range points {
		x := marginLeft + (chartWidth-marginLeft)/2
		if span > 0 {
			x = marginLeft + 6 + (chartWidth-marginLeft-12)*p.At.Sub(first).Seconds()/span
		}
		y := chartHeight - marginBelow - (chartHeight-marginBelow-marginAbove)*min(max(p.Score, 0), 100)/100
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		c.Path += fmt.Sprintf("%s%.1f %.1f", verb, x, y)
		c.Dots = append(c.Dots, dot{x, y, fmt.Sprintf("%s: %.1f %%", p.At.UTC().Format("2006-01-02 15:04"), p.Score)})
		if i == 0 || i == len(points)-1 && span > 0 {
			c.Labels = append(c.Labels, label{min(max(x, marginLeft+24), chartWidth-24), p.At.UTC().Format("2 Jan")})
		}
	}
	return c
}

// meter is the width of a bar for x of most, in percent.
func meter(x, most float64) string {
	if !(most > 0) || !(x > 0) {
		return "0%"
	}
	return fmt.Sprintf("%.1f%%", min(100, 100*x/most))
}

// rules marks nought, the middle and the top.
func rules(top float64) []rule {
	out := make([]rule, 0, 3)
	for _, share := range []float64{0, 0.5, 1} {
		if v := top * share; v == math.Trunc(v) {
			out = append(out, rule{chartHeight - marginBelow - (chartHeight-marginBelow-marginAbove)*share, fmt.Sprintf("%g", v)})
		}
	}
	return out
}

// niceAbove is the least of 2, 4, 10, 20, 40, 100, ... that x does not exceed: an even number, so that the middle is one too.
func niceAbove(x float64) float64 {
	for scale := 1.0; ; scale *= 10 {
		for _, m := range []float64{2, 4, 10} {
			if m*scale >= x {
				return m * scale
			}
		}
	}
}
