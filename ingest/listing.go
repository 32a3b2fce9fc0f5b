package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// readListing reads rows that come and go, all of them: what is in none of the listings any more is marked as removed, but only when all could be read.
func (r *runner) readListing(ctx context.Context, rep *FeedReport, t *table, read func(ctx context.Context, into *landing) error) error {
	rows := t.landing()
	if err := read(ctx, rows); err != nil {
		return fetched(err)
	}
	var written int64
	err := r.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if written, err = rows.land(ctx, r, tx); err != nil {
			return err
		}
		removed, err := markRemoved(ctx, tx, t, r.Now, rows.keys(), "", nil)
		if err != nil {
			return err
		}
		written += removed
		return moveOn(ctx, tx, rep.Feed, r.Now, r.Now, r.Now, written)
	})
	if err != nil {
		return err
	}
	r.finish(ctx, rep, written, rows.counts)
	return nil
}

// finish notes in the report what landed of a feed that is read in one go.
func (r *runner) finish(ctx context.Context, rep *FeedReport, written int64, c counts) {
	rep.Landed += written
	rep.Rejected += c.rejected
	rep.Later += c.later
	if c.rejected > 0 {
		r.Logger.WarnContext(ctx, "rows rejected", "feed", rep.Feed, "rows", c.rejected, "first_reason", c.reason)
		rep.Message = sentences(rep.Message, rejectedText(c.rejected, c.reason))
	}
	r.tell(Progress{Feed: rep.Feed, Done: 1, Total: 1, Landed: rep.Landed})
}

// collect walks a listing into rows; a listing that starts over starts over here as well.
func (r *runner) collect(ctx context.Context, name string, args zoom.Args, into *landing) error {
	var part *landing
	err := r.Client.List(ctx, zoom.EndpointNamed(name), args, func(p zoom.Page[zoom.Row]) error {
		if p.Number == 1 || part == nil {
			part = into.table.landing()
		}
		part.counts.rejectAll(p.Rejected)
		for _, row := range p.Rows {
			part.add(r, row, args)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if part != nil {
		into.merge(part)
	}
	return nil
}

// land writes rows into their table and returns how many were added or changed.
func (l *landing) land(ctx context.Context, r *runner, tx *store.Tx) (int64, error) {
	if len(l.rows) == 0 {
		return 0, nil
	}
	var batch int64
	if l.table.batched {
		if err := tx.Row(ctx, `SELECT nextval('ingest.batch')`).Scan(&batch); err != nil {
			return 0, fmt.Errorf("number batch: %w", err)
		}
	}
	rows := l.frame(r.Now, batch, r.RunID)
	if l.table.hashed || l.table.listed {
		n, err := tx.Upsert(ctx, l.table.name, l.table.key, hashColumn, rows, "first_seen_at", "via_user_id")
		if err == nil && n > 0 && l.table.kept.kind != "" {
			err = l.table.kept.keep(ctx, tx, l.table.name, l.table.key, l.keys(), r.Now, r.RunID)
		}
		return n, err
	}
	return tx.Land(ctx, l.table.name, l.table.key, rows)
}

// markRemoved notes which rows of a table are listed no more: all that are not among keys, or, with a scope, those of its parents. A row that comes back differs
// in its hash from an empty one, and so is written anew.
func markRemoved(ctx context.Context, tx *store.Tx, t *table, now time.Time, keys []string, scope string, parents []string) (int64, error) {
	listed, err := compactJSON(keys)
	if err != nil {
		return 0, fmt.Errorf("write keys: %w", err)
	}
	query := fmt.Sprintf(`UPDATE %s SET removed_at = ?::TIMESTAMP, %s = '' WHERE removed_at IS NULL AND %s NOT IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`, t.name, hashColumn, t.key)
	args := []any{now, listed}
	if scope != "" {
		among, err := compactJSON(parents)
		if err != nil {
			return 0, fmt.Errorf("write parents: %w", err)
		}
		query += fmt.Sprintf(` AND %s IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`, scope)
		args = append(args, among)
	}
	n, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("mark removed rows of %s: %w", t.name, err)
	}
	return n, nil
}

func readRoles(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readListing(ctx, rep, rolesTable, func(ctx context.Context, into *landing) error {
		roles, rejected, err := zoom.Collect(func(yield func(zoom.Page[zoom.Row]) error) error {
			return r.Client.List(ctx, zoom.EndpointNamed(zoom.EndpointRoles), nil, yield)
		})
		if err != nil {
			return err
		}
		into.counts.rejectAll(rejected)
		for _, role := range roles { // the listing has no privileges; an account has a handful of roles
			args := zoom.Args{"roleId": role.Text("id")}
			whole, err := r.Client.Get(ctx, zoom.EndpointNamed(zoom.EndpointRole), args)
			if err != nil {
				return err
			}
			into.add(r, whole, args)
		}
		return nil
	})
}

func readGroups(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readListing(ctx, rep, groupsTable, func(ctx context.Context, into *landing) error { return r.collect(ctx, zoom.EndpointGroups, nil, into) })
}

func readIMGroups(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readListing(ctx, rep, imGroupsTable, func(ctx context.Context, into *landing) error {
		return r.collect(ctx, zoom.EndpointIMGroups, nil, into)
	})
}

// Kinds of domains.
const (
	domainManaged = "managed"
	domainTrusted = "trusted"
)

func readDomains(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readListing(ctx, rep, domainsTable, func(ctx context.Context, into *landing) error {
		for kind, name := range map[string]string{domainManaged: zoom.EndpointManagedDomains, domainTrusted: zoom.EndpointTrustedDomains} {
			part := domainsTable.landing()
			rows, rejected, err := zoom.Collect(func(yield func(zoom.Page[zoom.Row]) error) error {
				return r.Client.List(ctx, zoom.EndpointNamed(name), nil, yield)
			})
			if err != nil {
				return err
			}
			part.counts.rejectAll(rejected)
			for _, row := range rows {
				part.add(r, row, zoom.Args{"kind": kind})
			}
			into.merge(part)
		}
		return nil
	})
}

// appListings are the listings of apps that say what can reach the account's data.
var appListings = [...]string{"account_added", "approved_apps", "account_created"}

func readApps(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readListing(ctx, rep, appsTable, func(ctx context.Context, into *landing) error {
		for _, listing := range appListings {
			if err := r.collect(ctx, zoom.EndpointApps, zoom.Args{"type": listing}, into); err != nil {
				return err
			}
		}
		return nil
	})
}

// readPublicChannels reads the channels that everybody can find. Those that are listed no more may still be there, as private ones, so none is removed.
func readPublicChannels(ctx context.Context, r *runner, rep *FeedReport) error {
	rows := chatChannelsTable.landing()
	if err := r.collect(ctx, zoom.EndpointPublicChannels, nil, rows); err != nil {
		return fetched(err)
	}
	var written int64
	err := r.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if written, err = rows.land(ctx, r, tx); err != nil {
			return err
		}
		return moveOn(ctx, tx, rep.Feed, r.Now, r.Now, r.Now, written)
	})
	if err != nil {
		return err
	}
	r.finish(ctx, rep, written, rows.counts)
	return nil
}

// readDaily reads the usage of whole calendar months: every month that is kept on the first run, then those that still change.
func readDaily(ctx context.Context, r *runner, rep *FeedReport) error {
	pos, err := readPosition(ctx, r.DB, rep.Feed)
	if err != nil {
		return err
	}
	p, err := r.plan(ctx, rep.Feed, pos)
	if err != nil || p.from.IsZero() {
		return err
	}
	rows := dailyTable.landing()
	for month := time.Date(p.from.Year(), p.from.Month(), 1, 0, 0, 0, 0, time.UTC); !month.After(r.Now); month = month.AddDate(0, 1, 0) {
		args := zoom.Args{"year": month.Format("2006"), "month": fmt.Sprint(int(month.Month()))}
		if err := r.collect(ctx, zoom.EndpointDaily, args, rows); err != nil {
			return fetched(err)
		}
	}
	var written int64
	err = r.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if written, err = rows.land(ctx, r, tx); err != nil {
			return err
		}
		return moveOn(ctx, tx, rep.Feed, p.from, r.Now, r.Now.Add(-r.Overlap), written)
	})
	if err != nil {
		return err
	}
	r.finish(ctx, rep, written, rows.counts)
	return nil
}
