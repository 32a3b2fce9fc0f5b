package zoomtest

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // the offices' time zones must not depend on the machine
)

// Options choose a simulated company. The same options always give the same account.
type Options struct {
	Seed    uint64
	Users   int       // 20 to 100000, whatever their status
	Days    int       // UTC days of history up to and including the one of End; at least 1
	End     time.Time // the account's now: every row is before it
	Attacks bool      // plant labelled attacks among the history

	PostureAttack *PostureAttack // nil: none
}

// Limits of Options.
const (
	MinUsers = 20
	MaxUsers = 100_000
	MaxDays  = 3650
)

// Company is a Source that generates an account by seed, a day at a time. It is safe for concurrent use.
type Company struct {
	opt         Options
	first, last int   // day numbers with rows
	end         int64 // Unix seconds
	nets        *networks
	versions    *versions
	people      []*person
	admins      []*person
	offsets     [][]int32      // by city and day since first-2: seconds east of UTC
	rest        []map[int]bool // public holidays by city
	planned     map[int][]opRow
	planted     planted
	posture     *posture
	usersOnce   sync.Once
	users       []User
	signIns     dayCache[Activity]
	operations  dayCache[Operation]

	teamsOnce sync.Once
	teamList  []*team
	teamOf    []*team // by person; nil for those who never came
	idsOnce   sync.Once
	ids       map[string]*person
	numbers   numbering
	gathered  dayCache[*gathering]
	meetings  dayCache[Meeting]
	totals    totals
	crowd     crowd
	locksOnce sync.Once
	locks     map[string]map[string]any
}

// NewCompany draws the people, their habits and the attacks; days are generated when they are asked for.
func NewCompany(o Options) (*Company, error) {
	switch {
	case o.Users < MinUsers || o.Users > MaxUsers:
		return nil, fmt.Errorf("simulate company: %d users: want %d to %d", o.Users, MinUsers, MaxUsers)
	case o.Days < 1 || o.Days > MaxDays:
		return nil, fmt.Errorf("simulate company: %d days: want 1 to %d", o.Days, MaxDays)
	case o.End.IsZero():
		return nil, errors.New("simulate company: no end: set the account's now")
	}
	o.End = o.End.UTC()
	c := &Company{opt: o, end: o.End.Unix(), nets: addressPlan(), planned: map[int][]opRow{}}
	if o.End.Nanosecond() > 0 {
		c.end++
	}
	c.last = floorDiv(c.end-1, secondsPerDay)
	c.first = c.last - o.Days + 1
	c.versions = newVersions(c.last)
	if err := c.buildClock(); err != nil {
		return nil, err
	}
	c.buildPeople()
	c.posture = newPosture(o.Seed)
	c.numbers = newNumbering(o.Seed)
	c.gathered.most, c.meetings.most = gatheringsKept, gatheringsKept
	c.planted.init()
	if o.Attacks {
		c.plantAttacks()
	}
	if o.PostureAttack != nil {
		if err := c.plantPostureAttack(*o.PostureAttack); err != nil {
			return nil, err
		}
	}
	c.numberAttacks()
	c.planLifecycle()
	for _, rows := range c.planned {
		slices.SortStableFunc(rows, byTime)
	}
	return c, nil
}

// buildClock looks up the offsets and holidays of every city once; days are then arithmetic.
func (c *Company) buildClock() error {
	c.offsets, c.rest = make([][]int32, len(cities)), make([]map[int]bool, len(cities))
	for i, at := range cities {
		zone, err := time.LoadLocation(at.zone)
		if err != nil {
			return fmt.Errorf("load time zone of %s: %w", at.name, err)
		}
		for d := c.first - 2; d <= c.last+2; d++ {
			_, offset := time.Unix(int64(d)*secondsPerDay+secondsPerDay/2, 0).In(zone).Zone()
			c.offsets[i] = append(c.offsets[i], int32(offset))
		}
		c.rest[i] = holidays(at.country, c.first-2, c.last+2)
	}
	return nil
}

func (c *Company) offset(city, day int) int64 {
	return int64(c.offsets[city][min(max(day-c.first+2, 0), c.opt.Days+3)])
}

// Start is the first UTC day that has rows.
func (c *Company) Start() time.Time { return dayTime(c.first) }

// End is the account's now.
func (c *Company) End() time.Time { return c.opt.End }

// ServiceOperators returns the operators in the operation log that are no users of the account.
func (c *Company) ServiceOperators() []string { return []string{scimOperator} }

// Networks returns the address plan: what WriteMMDB describes, with the kind of each block.
func (c *Company) Networks() []Network {
	out := make([]Network, len(c.nets.all))
	for i, n := range c.nets.all {
		out[i] = *n
	}
	return out
}

// Activities returns the sign-ins and sign-outs of one UTC day, sorted by time. Callers must not change the rows: they are kept for
// the next call.
func (c *Company) Activities(day time.Time) []Activity {
	d := dayNumber(day)
	if d < c.first || d > c.last {
		return nil
	}
	return c.signIns.get(d, c.generateActivities)
}

// Operations returns the operation log of one UTC day, sorted by time. Callers must not change the rows.
func (c *Company) Operations(day time.Time) []Operation {
	d := dayNumber(day)
	if d < c.first || d > c.last {
		return nil
	}
	return c.operations.get(d, c.generateOperations)
}

// inParallel calls f for 0..n-1 from as many goroutines as there are processors, in blocks.
func (c *Company) inParallel(n int, f func(s *stream, i int)) {
	const block = 512
	c.inParallelBlocks((n+block-1)/block, func(s *stream, b int) {
		for i := b * block; i < min((b+1)*block, n); i++ {
			f(s, i)
		}
	})
}

// inParallelBlocks calls f once for each block; each goroutine has its own stream.
func (c *Company) inParallelBlocks(blocks int, f func(s *stream, b int)) {
	workers := min(runtime.GOMAXPROCS(0), blocks)
	if workers <= 1 {
		s := newStream()
		for b := range blocks {
			f(s, b)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			s := newStream()
			for b := int(next.Add(1)) - 1; b < blocks; b = int(next.Add(1)) - 1 {
				f(s, b)
			}
		})
	}
	wg.Wait()
}

func timeAt(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

// stamp writes a time as Zoom does: 2019-09-15T19:13:41Z.
func stamp(unix int64) string {
	y, m, d := timeAt(unix).Date()
	sec := unix - int64(floorDiv(unix, secondsPerDay))*secondsPerDay
	var b [24]byte
	out := strconv.AppendInt(b[:0], int64(y), 10)
	out = append(out, '-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10), 'T')
	h, mi, s := sec/3600, sec/60%60, sec%60
	out = append(out, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+mi/10), byte('0'+mi%10), ':', byte('0'+s/10), byte('0'+s%10), 'Z')
	return string(out)
}
