package zoom

import "fmt"

// Plan is the Zoom plan of the account; it decides the rate limits and which endpoints are open.
type Plan string

// The plans. PlanBusiness stands for Business, Education, Enterprise and Partner, whose limits are equal.
// PlanNone switches client-side limits off and is accepted for a loopback API alone.
const (
	PlanFree     Plan = "free"
	PlanPro      Plan = "pro"
	PlanBusiness Plan = "business"
	PlanNone     Plan = "none"
)

// ParsePlan reads a plan's name; the empty name is PlanPro.
func ParsePlan(name string) (Plan, error) {
	switch p := Plan(name); p {
	case "":
		return PlanPro, nil
	case PlanFree, PlanPro, PlanBusiness, PlanNone:
		return p, nil
	}
	return "", fmt.Errorf("parse plan %q: must be free, pro, business or none", name)
}

// covers reports whether an account on plan p may call what needs plan least.
func (p Plan) covers(least Plan) bool {
	rank := map[Plan]int{PlanFree: 1, PlanPro: 2, PlanBusiness: 3, PlanNone: 4}
	return rank[p] >= rank[least]
}
