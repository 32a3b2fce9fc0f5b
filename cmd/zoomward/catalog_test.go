package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zoomward/zoomward/models"
)

// publishedDetections are the ids that the catalogue keeps for detections that other systems run on such data: each is there, runnable or with the reason why not.
const publishedDetections = `RIP 1-7, LGF 1-7, ADM 1-14, CFG 1-17, INA 1-6, LOC 1-8, TRV 1-4, DEV 1-6, RTE 1-13, APP 1-1, COR 1-5, CUS 1-1`

func TestCatalogIsWhole(t *testing.T) {
	entries := catalogEntries(models.DefaultConfig(), "", map[string]string{})
	var ids []string
	for _, e := range entries {
		if e.Title == "" || e.Class != "alert" && e.Class != "behavior" {
			t.Errorf("%s has no title or class: %+v", e.ID, e)
		}
		if e.CanRun == nil || !*e.CanRun && e.Why == "" {
			t.Errorf("%s cannot run and does not say why", e.ID)
		}
		ids = append(ids, e.ID)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		t.Error("an id stands there twice")
	}
	n := 0
	for part := range strings.SplitSeq(publishedDetections, ", ") {
		group, span, _ := strings.Cut(part, " ")
		var from, to int
		if _, err := fmt.Sscanf(span, "%d-%d", &from, &to); err != nil {
			t.Fatal(err)
		}
		for k := from; k <= to; k++ {
			id := fmt.Sprintf("ZW-%s-%02d", group, k)
			if n++; !slices.Contains(ids, id) {
				t.Errorf("%s is missing", id)
			}
		}
	}
	if n != 89 {
		t.Errorf("%d ids, want 89", n)
	}
}
