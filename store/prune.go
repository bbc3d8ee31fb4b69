package store

import (
	"context"
	"fmt"
	"time"
)

// prunings say what may go, each as the rows of a table to delete. Every one
// takes the moment before which rows are old, and how many may go at once. What
// is never old: waiting messages, current alerts, limits in force, rules. Daily
// peaks outlive the rest by 310 days: 400 days with a retention of 90.
func prunings() []struct{ what, query string } {
	return []struct{ what, query string }{
		{"earlier values of minutes", `DELETE FROM minutes_earlier WHERE id IN (
			SELECT id FROM minutes_earlier WHERE report IN (SELECT id FROM reports) AND start_ms < ? LIMIT ?)`},
		{"minutes", `DELETE FROM minutes WHERE id IN (
			SELECT id FROM minutes WHERE report IN (SELECT id FROM reports) AND start_ms < ? LIMIT ?)`},
		{"reads", `DELETE FROM reads WHERE (report, read_ms, from_ms) IN (
			SELECT report, read_ms, from_ms FROM reads WHERE report IN (SELECT id FROM reports) AND read_ms < ? LIMIT ?)`},
		{"ticks", `DELETE FROM ticks WHERE (at_ms, organization_id) IN (
			SELECT at_ms, organization_id FROM ticks WHERE at_ms < ? LIMIT ?)`},
		{"transitions", `DELETE FROM transitions WHERE id IN (
			SELECT id FROM transitions WHERE at_ms < ? LIMIT ?)`},
		{"what followed warnings", `DELETE FROM cases WHERE (fingerprint, severity, at_ms) IN (
			SELECT fingerprint, severity, at_ms FROM cases WHERE at_ms < ? LIMIT ?)`},
		{"ended alerts", `DELETE FROM alerts WHERE fingerprint IN (
			SELECT fingerprint FROM alerts WHERE state IN ('resolved', 'withdrawn') AND resolved_ms < ? LIMIT ?)`},
		{"sent messages", `DELETE FROM outbox WHERE id IN (
			SELECT id FROM outbox WHERE sent_ms < ? LIMIT ?)`},
		{"dead messages", `DELETE FROM outbox WHERE id IN (
			SELECT id FROM outbox WHERE dead_ms < ? LIMIT ?)`},
		{"receipts", `DELETE FROM cards WHERE (receiver, group_key, episode_ms) IN (
			SELECT c.receiver, c.group_key, c.episode_ms FROM cards c
			WHERE c.put_ms < ?
				AND NOT EXISTS (SELECT 1 FROM message_groups g
					WHERE g.receiver = c.receiver AND g.group_key = c.group_key AND g.episode_ms = c.episode_ms)
				AND NOT EXISTS (SELECT 1 FROM outbox o
					WHERE o.receiver = c.receiver AND o.group_key = c.group_key AND o.episode_ms = c.episode_ms
						AND o.sent_ms IS NULL AND o.dead_ms IS NULL AND o.superseded_by IS NULL)
			LIMIT ?)`},
		{"cleared troubles", `DELETE FROM troubles WHERE id IN (
			SELECT id FROM troubles WHERE until_ms < ? LIMIT ?)`},
		{"changes of limits", `DELETE FROM limit_changes WHERE (organization_id, at_ms, kind, workspace_id, group_id, limiter, model, from_group_id) IN (
			SELECT organization_id, at_ms, kind, workspace_id, group_id, limiter, model, from_group_id
			FROM limit_changes WHERE at_ms < ? LIMIT ?)`},
		{"silences that ended", `DELETE FROM silences WHERE id IN (
			SELECT id FROM silences WHERE ends_ms < ? LIMIT ?)`},
		{"versions of silences", `DELETE FROM silence_versions WHERE (id, updated_ms) IN (
			SELECT id, updated_ms FROM silence_versions WHERE ends_ms < ?1 AND updated_ms < ?1 LIMIT ?2)`},
		{"acknowledgements", `DELETE FROM acknowledgements WHERE (fingerprint, fired_ms, at_ms) IN (
			SELECT k.fingerprint, k.fired_ms, k.at_ms FROM acknowledgements k
			WHERE k.at_ms < ? AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.fingerprint = k.fingerprint AND a.fired_ms = k.fired_ms) LIMIT ?)`},
		{"what was not sent", `DELETE FROM withheld WHERE (at_ms, receiver, fingerprint, fired_ms, reason, group_key) IN (
			SELECT at_ms, receiver, fingerprint, fired_ms, reason, group_key FROM withheld WHERE at_ms < ? LIMIT ?)`},
		{"what people did", `DELETE FROM deeds WHERE id IN (
			SELECT id FROM deeds WHERE at_ms < ? LIMIT ?)`},
		{"ended limits", `DELETE FROM limits WHERE rowid IN (
			SELECT rowid FROM limits WHERE until_ms < ? LIMIT ?)`},
		{"daily peaks", `DELETE FROM daily_peaks WHERE (series, day_ms, read_ms) IN (
			SELECT series, day_ms, read_ms FROM daily_peaks
			WHERE series IN (SELECT id FROM peak_series) AND day_ms < ? - 26784000000 LIMIT ?)`},
		{"days with peaks", `DELETE FROM peak_days WHERE (organization_id, day_ms, read_ms) IN (
			SELECT organization_id, day_ms, read_ms FROM peak_days WHERE day_ms < ? - 26784000000 LIMIT ?)`},
		{"ended memberships", `DELETE FROM limit_members WHERE rowid IN (
			SELECT rowid FROM limit_members WHERE until_ms < ? LIMIT ?)`},
	}
}

// Prune deletes what is older than before, at most atMost rows in one short
// transaction, and reports how many it deleted and whether there is more. Waiting
// messages, pending and firing alerts and limits in force stay, however old.
//
// Space that becomes free is used again; where much of the file is free, a part
// of it is given back to the system with each call.
func (s *Store) Prune(ctx context.Context, before time.Time, atMost int) (deleted int, more bool, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		// Reads of a stretch outlive its minutes, which must not look empty then.
		horizon := ceilMinute(toMS(before))
		if _, err := tx.exec("UPDATE reports SET pruned_ms = ? WHERE pruned_ms < ?", horizon, horizon); err != nil {
			return fmt.Errorf("note what is pruned: %w", err)
		}
		left := int64(atMost)
		for _, p := range prunings() {
			if left == 0 {
				break
			}
			n, err := tx.exec(p.query, toMS(before), left)
			if err != nil {
				return fmt.Errorf("prune %s: %w", p.what, err)
			}
			left -= n
		}
		deleted, more = atMost-int(left), left == 0
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	return deleted, more, s.shrink(ctx)
}

// shrinkPages is how many pages one call gives back: a few milliseconds' work.
const shrinkPages = 256

// shrink gives free pages back while more than a quarter of the file is free.
// The rest is kept, since tomorrow's minutes need as much as today's pruned ones.
func (s *Store) shrink(ctx context.Context) error {
	var pages, free int
	if err := s.write.GetContext(ctx, &pages, "PRAGMA page_count"); err != nil {
		return explain(s.path, fmt.Errorf("read the file's size: %w", err))
	}
	if err := s.write.GetContext(ctx, &free, "PRAGMA freelist_count"); err != nil {
		return explain(s.path, fmt.Errorf("read the file's free space: %w", err))
	}
	if free <= pages/4 {
		return nil
	}
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", min(shrinkPages, free-pages/4))); err != nil {
		return explain(s.path, fmt.Errorf("give back free space: %w", err))
	}
	return nil
}
