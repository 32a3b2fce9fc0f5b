package main

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/models/policy"
	"github.com/zoomward/zoomward/store"
)

// scoreFigures are the figures of the stage score: of the fold, and of the policies of the account's own.
type scoreFigures struct {
	models.FoldSummary
	Policies *policy.Summary `json:"policies,omitempty"`
}

// runPolicies runs the policies that are due, when a folder of them is configured.
func (a *app) runPolicies(ctx context.Context, db *store.DB, r runInfo, fold models.FoldSummary) (any, error) {
	if a.cfg.Policies == "" {
		return scoreFigures{FoldSummary: fold}, nil
	}
	s, err := policy.Run(ctx, db, policy.Options{Dir: a.cfg.Policies, Now: r.AsOf, RunID: r.ID, Logger: a.log, Wall: a.wall})
	if err != nil {
		return nil, err
	}
	// What policies found counts in the risk of users as well.
	if err := db.Tx(ctx, func(tx *store.Tx) error { return models.WriteUserRisk(ctx, tx, r.AsOf) }); err != nil {
		return nil, err
	}
	return scoreFigures{fold, &s}, nil
}

// checkPolicies refuses a folder that cannot be read, before anything is done. What is wrong with single files is noted by the run, which goes on without them.
func (a *app) checkPolicies() error {
	if a.cfg.Policies == "" {
		return nil
	}
	if _, err := policy.ReadFolder(a.cfg.Policies); err != nil {
		return withHint(usageErrorf("%s (%s): %w", keyPolicies, a.cfg.origin(keyPolicies), err), "name a folder of .sql files, or leave the key out")
	}
	return nil
}

// policyStatus is how a policy fares, for status --json; its keys are a contract.
type policyStatus struct {
	ID        string     `json:"policy_id"`
	State     string     `json:"state"`
	Reason    string     `json:"reason,omitempty"`
	Since     time.Time  `json:"since"`
	SeenUntil *time.Time `json:"seen_until"`
	LastError string     `json:"last_error,omitempty"`
	Withheld  int64      `json:"withheld"`
}

func readPolicies(ctx context.Context, db store.Querier) ([]policyStatus, error) {
	list, err := policy.ReadStatus(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []policyStatus
	for _, s := range list {
		out = append(out, policyStatus{s.ID, s.State, s.Reason, s.Since, optionalTime(s.SeenUntil), s.LastError, s.Withheld})
	}
	return out, nil
}

// policyWords says how the policies fare: how many are on, and what is the matter with the others.
func policyWords(list []policyStatus) []string {
	if len(list) == 0 {
		return nil
	}
	on := 0
	var lines []string
	for _, s := range list {
		switch {
		case s.State == policy.Disabled:
			lines = append(lines, fmt.Sprintf("%s is disabled: %s; edit its file, or zoomward policy enable %s", s.ID, s.Reason, s.ID))
		case s.State == policy.Broken:
			lines = append(lines, fmt.Sprintf("%s does not load: %s", s.ID, s.Reason))
		case s.State == policy.On && s.LastError != "":
			lines = append(lines, fmt.Sprintf("%s failed, the next run tries again: %s", s.ID, s.LastError))
		case s.State == policy.On && s.Withheld > 0:
			lines = append(lines, fmt.Sprintf("%s reached its daily limit, %d alerts were held back", s.ID, s.Withheld))
		}
		if s.State == policy.On {
			on++
		}
	}
	return append([]string{fmt.Sprintf("%d of %d on", on, len(list))}, lines...)
}
