package zoomtest

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var testEnd = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newCompany(t testing.TB, o Options) *Company {
	t.Helper()
	if o.End.IsZero() {
		o.End = testEnd
	}
	c, err := NewCompany(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eachDay calls f for every UTC day of the account.
func eachDay(c *Company, f func(day time.Time)) {
	for d := c.Start(); d.Before(c.End()); d = d.AddDate(0, 0, 1) {
		f(d)
	}
}

func TestNewCompanyRejectsOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"few users":  {Users: MinUsers - 1, Days: 1, End: testEnd},
		"many users": {Users: MaxUsers + 1, Days: 1, End: testEnd},
		"no days":    {Users: 20, Days: 0, End: testEnd},
		"many days":  {Users: 20, Days: MaxDays + 1, End: testEnd},
		"no end":     {Users: 20, Days: 1},
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := NewCompany(o); err == nil {
				t.Errorf("NewCompany(%+v) = %v, want an error", o, c)
			}
		})
	}
}

func TestCompanyIsDeterministic(t *testing.T) {
	o := Options{Seed: 7, Users: 120, Days: 120, Attacks: true}
	a, b := newCompany(t, o), newCompany(t, o)
	if d := cmp.Diff(a.Users(), b.Users()); d != "" {
		t.Errorf("users differ:\n%s", d)
	}
	if d := cmp.Diff(a.Attacks(), b.Attacks()); d != "" {
		t.Errorf("attacks differ:\n%s", d)
	}
	eachDay(a, func(day time.Time) {
		if !reflect.DeepEqual(a.Activities(day), b.Activities(day)) || !reflect.DeepEqual(a.Operations(day), b.Operations(day)) {
			t.Errorf("%s differs between two companies of the same seed", day.Format(time.DateOnly))
		}
	})
	o.Seed = 8
	day := testEnd.AddDate(0, 0, -5)
	if reflect.DeepEqual(a.Activities(day), newCompany(t, o).Activities(day)) {
		t.Error("another seed gives the same day")
	}
}

// A day asked alone, in any order and from many goroutines equals the day asked in sequence.
func TestCompanyDaysAreIndependent(t *testing.T) {
	o := Options{Seed: 3, Users: 700, Days: 30, Attacks: true}
	sequence := newCompany(t, o)
	var days []time.Time
	eachDay(sequence, func(day time.Time) { days = append(days, day); sequence.Activities(day); sequence.Operations(day) })
	other := newCompany(t, o)
	var wg sync.WaitGroup
	for _, day := range slices.Backward(days) {
		wg.Go(func() {
			if !reflect.DeepEqual(other.Activities(day.Add(13*time.Hour)), sequence.Activities(day)) {
				t.Errorf("activities of %s depend on the order of asking", day.Format(time.DateOnly))
			}
			if !reflect.DeepEqual(other.Operations(day), sequence.Operations(day)) {
				t.Errorf("operations of %s depend on the order of asking", day.Format(time.DateOnly))
			}
		})
	}
	wg.Wait()
	if rows := other.Activities(sequence.Start().AddDate(0, 0, -1)); rows != nil {
		t.Errorf("%d rows before the window", len(rows))
	}
	if rows := other.Operations(sequence.End().AddDate(0, 0, 1)); rows != nil {
		t.Errorf("%d rows after the end", len(rows))
	}
}

func TestCompanyCacheEvicts(t *testing.T) {
	var c dayCache[int]
	made := map[int]int{}
	generate := func(day int) []int { made[day]++; return make([]int, cacheRows/2+1) }
	for _, day := range []int{1, 2, 1, 2, 3, 3, 2, 1} {
		if got := len(c.get(day, generate)); got != cacheRows/2+1 {
			t.Fatalf("day %d has %d rows", day, got)
		}
	}
	if want := map[int]int{1: 2, 2: 1, 3: 1}; !cmp.Equal(made, want) {
		t.Errorf("days were made %v times, want %v", made, want)
	}
}

var (
	stampPattern   = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	versionPattern = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	lastPattern    = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+\((win|mac|ios|android)\)$`)
)

func TestCompanyRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Options{
			Seed: rapid.Uint64().Draw(t, "seed"), Users: rapid.IntRange(20, 500).Draw(t, "users"), Days: rapid.IntRange(1, 200).Draw(t, "days"),
			End:     testEnd.Add(-time.Duration(rapid.Int64Range(0, 3*365*24*3600).Draw(t, "back")) * time.Second),
			Attacks: rapid.Bool().Draw(t, "attacks"),
		}
		c, err := NewCompany(o)
		if err != nil {
			t.Fatal(err)
		}
		attacked := map[string][]Attack{}
		for _, a := range c.Attacks() {
			if !o.Attacks || a.Start.Before(c.Start()) || a.Start.After(a.End) || !a.End.Before(o.End) || !slices.Contains(a.Users, a.User) {
				t.Fatalf("attack out of place: %+v", a)
			}
			for _, u := range a.Users {
				attacked[u] = append(attacked[u], a)
			}
		}
		labelled := func(email string, at time.Time) bool {
			return slices.ContainsFunc(attacked[email], func(a Attack) bool { return !at.Before(a.Start) && !at.After(a.End) })
		}
		people := map[string]*person{}
		for i, u := range c.Users() {
			people[u.Email] = c.people[i]
			checkUser(t, u, o)
		}
		if len(people) != o.Users {
			t.Fatalf("%d different users, want %d", len(people), o.Users)
		}
		check := func(day time.Time, written string, before string) time.Time {
			at, err := time.Parse(time.RFC3339, written)
			if err != nil || !stampPattern.MatchString(written) {
				t.Fatalf("time %q: %v", written, err)
			}
			if written < before || at.Before(day) || !at.Before(day.AddDate(0, 0, 1)) || !at.Before(o.End) {
				t.Fatalf("row of %s at %s after %s, end %s", day, written, before, o.End)
			}
			return at
		}
		eachSome(t, c, func(day time.Time) {
			before := ""
			for _, a := range c.Activities(day) {
				at := check(day, a.Time, before)
				before = a.Time
				p := people[a.Email]
				if p == nil {
					t.Fatalf("sign-in of %s, who is no user", a.Email)
				}
				if !p.usable(at.Unix()) && !labelled(a.Email, at) {
					t.Fatalf("%s signs in at %s while the account cannot be used", a.Email, a.Time)
				}
				if a.Type != "Sign in" && a.Type != "Sign out" {
					t.Fatalf("type %q", a.Type)
				}
				if a.ClientType != "" && !slices.Contains(clientTypes[1:], a.ClientType) || a.Version != "" && !versionPattern.MatchString(a.Version) {
					t.Fatalf("client of %+v", a)
				}
				if a.IPAddress != "" {
					if _, err := netip.ParseAddr(a.IPAddress); err != nil {
						t.Fatal(err)
					}
				}
			}
			before = ""
			for _, r := range c.Operations(day) {
				at := check(day, r.Time, before)
				before = r.Time
				if r.Operator == "" && r.Category != catBilling || r.Category == "" || r.Detail == "" {
					t.Fatalf("operation %+v", r)
				}
				p := people[r.Operator]
				if p == nil && r.Operator != "" && !slices.Contains(c.ServiceOperators(), r.Operator) {
					t.Fatalf("operator %q is no user", r.Operator)
				}
				if p != nil && !p.usable(at.Unix()) && !labelled(r.Operator, at) {
					t.Fatalf("%s operates at %s while the account cannot be used", r.Operator, r.Time)
				}
				if i := strings.Index(r.Detail, " - "); i > 0 && r.Detail[i-1] != ' ' && !strings.HasPrefix(r.Detail, "delete user") {
					t.Fatalf("detail %q: want two blanks before the first dash", r.Detail)
				}
			}
		})
	})
}

// eachSome looks at the first, the last and a few days between.
func eachSome(t *rapid.T, c *Company, f func(time.Time)) {
	f(c.Start())
	f(dayTime(c.last))
	for range 2 {
		f(dayTime(rapid.IntRange(c.first, c.last).Draw(t, "day")))
	}
}

func checkUser(t *rapid.T, u User, o Options) {
	if !strings.HasSuffix(u.Email, "@example.com") || u.FirstName == "" || !stampPattern.MatchString(u.CreatedAt) {
		t.Fatalf("user %+v", u)
	}
	created, _ := time.Parse(time.RFC3339, u.CreatedAt)
	if !created.Before(o.End) {
		t.Fatalf("%s was created at %s, after the end", u.Email, u.CreatedAt)
	}
	if u.LastClientVersion != "" && !lastPattern.MatchString(u.LastClientVersion) {
		t.Fatalf("last client version %q", u.LastClientVersion)
	}
	if u.LastLoginTime != "" && (u.LastLoginTime < u.CreatedAt || u.LastLoginTime >= stamp(o.End.Unix()+1)) {
		t.Fatalf("%s created %s, last login %s", u.Email, u.CreatedAt, u.LastLoginTime)
	}
	if u.Status == "pending" {
		if u.ID != "" || u.LastLoginTime != "" {
			t.Fatalf("pending user with an id or a login: %+v", u)
		}
		return
	}
	if len(u.ID) != 22 || u.Status != "active" && u.Status != "inactive" || !slices.Contains([]string{roleOwner, roleAdmin, roleMember, roleBilling}, u.RoleID) {
		t.Fatalf("user %+v", u)
	}
	if _, err := time.LoadLocation(u.Timezone); err != nil {
		t.Fatal(err)
	}
}

func TestCompanyPeople(t *testing.T) {
	c := newCompany(t, Options{Seed: 11, Users: 1000, Days: 180, Attacks: true})
	count := map[string]int{}
	depts := map[string]int{}
	for _, u := range c.Users() {
		count[u.Status]++
		count["role "+u.RoleID]++
		depts[u.Dept]++
		if u.LastLoginTime == "" && u.Status == "active" {
			count["never"]++
		}
	}
	for _, tt := range []struct {
		what   string
		lo, hi int
	}{
		{"active", 850, 970}, {"inactive", 20, 140}, {"pending", 3, 40}, {"role 0", 1, 1}, {"role 1", 10, 14}, {"role " + roleBilling, 1, 1}, {"never", 0, 20},
	} {
		if n := count[tt.what]; n < tt.lo || n > tt.hi {
			t.Errorf("%d of %s, want %d to %d", n, tt.what, tt.lo, tt.hi)
		}
	}
	if len(depts) != len(departments) || depts["Engineering"] < 2*depts["Legal"] {
		t.Errorf("departments are not skewed: %v", depts)
	}
}

// A privacy relay hides where a browser is, but not the country; nothing else goes through it.
func TestRelays(t *testing.T) {
	c := newCompany(t, Options{Seed: 9, Users: 300, Days: 40})
	people, addresses, rows := map[string]bool{}, map[string]bool{}, 0
	byEmail := map[string]*person{}
	for _, p := range c.people {
		byEmail[p.email] = p
	}
	eachDay(c, func(day time.Time) {
		for _, a := range c.Activities(day) {
			if a.IPAddress == "" || a.Type == "Sign out" {
				continue
			}
			n := c.networkOf(netip.MustParseAddr(a.IPAddress))
			if n.Kind != NetworkRelay {
				continue
			}
			rows++
			people[a.Email], addresses[a.IPAddress] = true, true
			if a.ClientType != "" && a.ClientType != clientTypes[clientBrowser] {
				t.Errorf("%s: %s through a relay", a.Email, a.ClientType)
			}
			if p := byEmail[a.Email]; p.trips == 0 && n.Country != cities[p.office].country {
				t.Errorf("%s: relay in %s", a.Email, n.Country)
			}
		}
	})
	if len(people) < 5 || len(people) > 40 || len(addresses) < rows*2/3 {
		t.Errorf("%d people, %d addresses and %d rows through relays", len(people), len(addresses), rows)
	}
}

// last_login_time is at most three days older than the last row and never younger.
func TestLastLoginFollowsTheRows(t *testing.T) {
	c := newCompany(t, Options{Seed: 5, Users: 200, Days: 120, Attacks: true})
	last := map[string]time.Time{}
	eachDay(c, func(day time.Time) {
		for _, a := range c.Activities(day) {
			if a.Type == "Sign in" {
				last[a.Email], _ = time.Parse(time.RFC3339, a.Time)
			}
		}
	})
	for _, u := range c.Users() {
		at, ok := last[u.Email]
		if !ok {
			continue
		}
		shown, err := time.Parse(time.RFC3339, u.LastLoginTime)
		if err != nil || shown.After(at) || at.Sub(shown) > lastLoginBuffer*time.Second {
			t.Errorf("%s: last sign-in %s, users list shows %q", u.Email, at, u.LastLoginTime)
		}
	}
}

func TestRowsInJSON(t *testing.T) {
	c := newCompany(t, Options{Seed: 2, Users: 500, Days: 30})
	var bare, rows int
	eachDay(c, func(day time.Time) {
		for _, a := range c.Activities(day) {
			rows++
			if a.IPAddress == "" || a.ClientType == "" || a.Version == "" {
				bare++
			}
		}
	})
	if share := float64(bare) / float64(rows); share < 0.002 || share > 0.01 {
		t.Errorf("%.4f of the rows lack a column, want about %.3f", share, shareBare)
	}
	b, err := json.Marshal(c.Activities(c.Start().AddDate(0, 0, 7))[0])
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"email", "time", "type"} {
		if _, ok := m[k].(string); !ok {
			t.Errorf("%s has no %s", b, k)
		}
	}
}

// Every address served is in the plan, and no honest person is in two places faster than an aeroplane flies.
func TestHonestTravelIsPossible(t *testing.T) {
	c := newCompany(t, Options{Seed: 9, Users: 300, Days: 90})
	type place struct {
		at   time.Time
		city int
	}
	last := map[string]place{}
	trips := 0
	eachDay(c, func(day time.Time) {
		for _, a := range c.Activities(day) {
			if a.IPAddress == "" || a.Type == "Sign out" { // a sign-out repeats the address of its sign-in
				continue
			}
			n := c.networkOf(netip.MustParseAddr(a.IPAddress))
			if n == nil {
				t.Fatalf("%s is in no network", a.IPAddress)
			}
			if n.Kind == NetworkVPN || n.Kind == NetworkRelay {
				continue
			}
			at, _ := time.Parse(time.RFC3339, a.Time)
			was, ok := last[a.Email]
			last[a.Email] = place{at, n.city}
			if !ok || was.city == n.city {
				continue
			}
			trips++
			km, hours := kilometres(was.city, n.city), at.Sub(was.at).Hours()
			if km > 100 && km/hours > 950 {
				t.Errorf("%s: %.0f km from %s to %s within %.1f h", a.Email, km, cities[was.city].name, cities[n.city].name, hours)
			}
		}
	})
	if trips < 40 {
		t.Errorf("%d changes of city: nobody travels", trips)
	}
}

// planByPrefix finds a network by its prefix; planLengths are the prefix lengths in use.
var planByPrefix = sync.OnceValue(func() map[netip.Prefix]*Network {
	m := map[netip.Prefix]*Network{}
	for _, n := range addressPlan().all {
		m[n.Prefix] = n
	}
	return m
})

var planLengths = []int{17, 18, 24, 48}

func (c *Company) networkOf(a netip.Addr) *Network {
	for _, bits := range planLengths {
		if p, err := a.Prefix(bits); err == nil && planByPrefix()[p] != nil {
			return planByPrefix()[p]
		}
	}
	return nil
}

// People can be told apart by what a sign-in shows, and not perfectly: a smoothed likelihood ratio of self against the company,
// learned on 100 days, ranks a person's own later days above those of others at the same office.
func TestPersonsDiffer(t *testing.T) {
	c := newCompany(t, Options{Seed: 4, Users: 300, Days: 130})
	self, all := map[string]map[string]float64{}, map[string]float64{}
	type userDay struct {
		who    string
		tokens []string
	}
	var later []userDay
	n := 0
	asn := map[string]uint32{}
	eachDay(c, func(day time.Time) {
		n++
		today := map[string][]string{}
		for _, a := range c.Activities(day) {
			if a.Type != "Sign in" || a.IPAddress == "" {
				continue
			}
			if asn[a.IPAddress] == 0 {
				asn[a.IPAddress] = c.networkOf(netip.MustParseAddr(a.IPAddress)).ASN
			}
			today[a.Email] = append(today[a.Email], "c "+a.ClientType, fmt.Sprint("a ", asn[a.IPAddress]), "h "+a.Time[11:13])
		}
		for _, p := range c.people {
			tokens := today[p.email]
			if n > 100 && len(tokens) > 0 {
				later = append(later, userDay{p.email, tokens})
				continue
			}
			for _, x := range tokens {
				if self[p.email] == nil {
					self[p.email] = map[string]float64{}
				}
				self[p.email][x]++
				self[p.email][""]++
				all[x]++
				all[""]++
			}
		}
	})
	score := func(who string, tokens []string) float64 {
		sum := 0.0
		for _, x := range tokens {
			base := (all[x] + 0.1) / (all[""] + 5)
			sum += math.Log((self[who][x]+3*base)/(self[who][""]+3)) - math.Log(base)
		}
		return sum / float64(len(tokens))
	}
	office := map[string]int{}
	for _, p := range c.people {
		office[p.email] = p.office
	}
	var own, foreign []float64
	for i, d := range later {
		if self[d.who][""] < 60 {
			continue
		}
		own = append(own, score(d.who, d.tokens))
		for k := 1; k < len(later); k++ {
			if e := later[(i+k*7919)%len(later)]; e.who != d.who && office[e.who] == office[d.who] {
				foreign = append(foreign, score(d.who, e.tokens))
				break
			}
		}
	}
	slices.Sort(foreign)
	rank := 0.0
	for _, x := range own {
		i, _ := slices.BinarySearch(foreign, x)
		rank += float64(i) / float64(len(foreign))
	}
	auc := rank / float64(len(own))
	t.Logf("AUC %.3f over %d own and %d foreign user-days", auc, len(own), len(foreign))
	if auc < 0.82 || auc > 0.97 {
		t.Errorf("AUC %.3f, want 0.82 to 0.97", auc)
	}
}

func BenchmarkCompanyDay(b *testing.B) {
	for _, users := range []int{300, 5000, 100000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			c := newCompany(b, Options{Seed: 1, Users: users, Days: 180, Attacks: true})
			day, rows := c.first, 0
			for b.Loop() {
				rows += len(c.generateActivities(day)) + len(c.generateOperations(day))
				if day++; day > c.last {
					day = c.first
				}
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
		})
	}
}
