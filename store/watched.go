package store

import (
	"fmt"

	"alerter/usage"
)

// Unwatched lists the organizations that are watched, by what is stored, and are
// not among ids: the configuration has left them behind.
func (tx *Tx) Unwatched(ids []string) ([]usage.Organization, error) {
	keep := make(map[string]bool, len(ids))
	for _, id := range ids {
		keep[id] = true
	}
	var rows []organizationRow
	if err := tx.list(&rows, "SELECT id, name FROM organizations WHERE watched = 1 ORDER BY name, id"); err != nil {
		return nil, fmt.Errorf("list the organizations that are watched: %w", err)
	}
	var out []usage.Organization
	for _, r := range rows {
		if !keep[r.ID] {
			out = append(out, usage.Organization{ID: r.ID, Name: r.Name})
		}
	}
	return out, nil
}

// Unwatch notes that an organization is not watched any more: it is not listed,
// and what is remembered of it goes as it grows old. Putting it anew watches it again.
func (tx *Tx) Unwatch(id string) error {
	if _, err := tx.exec("UPDATE organizations SET watched = 0, configured = NULL WHERE id = ?", id); err != nil {
		return fmt.Errorf("stop watching organization %s: %w", id, err)
	}
	return nil
}
