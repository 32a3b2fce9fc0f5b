package features

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// clocks know the wall clock of every user: DuckDB has no time zones of its own here.
type clocks struct {
	zones map[uint32]*zone // by the user's number in the dictionary
}

// A zone remembers the last span of constant offset, as rows come in order of time.
type zone struct {
	location       *time.Location
	from, to       int64 // seconds since 1970 for which seconds holds
	offset         int32
	known, endless bool
}

// readClocks reads the time zones of the users. One whose zone is not an IANA name keeps UTC.
func readClocks(ctx context.Context, q store.Querier, dict *store.Dictionary) (*clocks, error) {
	users := struct {
		Email store.Coded `col:"email"`
		Zone  []string    `col:"timezone"`
	}{Email: store.Coded{Dict: dict}}
	if err := q.Read(ctx, &users, `SELECT email, timezone FROM ingest.users WHERE timezone IS NOT NULL ORDER BY email`); err != nil {
		return nil, fmt.Errorf("read the time zones of users: %w", err)
	}
	c := &clocks{map[uint32]*zone{}}
	byName := map[string]*zone{}
	for i, name := range users.Zone {
		z, ok := byName[name]
		if !ok {
			if location, err := time.LoadLocation(name); err == nil && name != "Local" {
				z = &zone{location: location}
			}
			byName[name] = z
		}
		if z != nil {
			c.zones[users.Email.Codes[i]] = z
		}
	}
	return c, nil
}

// offset returns how many seconds a user's clock is ahead of UTC at a moment.
func (c *clocks) offset(user uint32, second int64) int32 {
	z := c.zones[user]
	if z == nil {
		return 0
	}
	return z.at(second)
}

func (z *zone) at(second int64) int32 {
	if z.known && second >= z.from && (z.endless || second < z.to) {
		return z.offset
	}
	local := time.Unix(second, 0).In(z.location)
	_, offset := local.Zone()
	start, end := local.ZoneBounds()
	z.known, z.offset = true, int32(offset)
	z.from = start.Unix()
	if start.IsZero() {
		z.from = -1 << 62
	}
	z.endless = end.IsZero()
	z.to = end.Unix()
	return z.offset
}
