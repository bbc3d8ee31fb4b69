package store

import (
	"fmt"
	"time"
)

// putLimitReads stores when each scope was first read; what is stored stays.
func (tx *Tx) putLimitReads(orgID string, reads map[string]time.Time) error {
	for workspaceID, at := range reads {
		_, err := tx.exec(`
			INSERT INTO limit_reads (organization_id, workspace_id, first_ms) VALUES (?, ?, ?)
			ON CONFLICT (organization_id, workspace_id) DO NOTHING`, orgID, workspaceID, toMS(at))
		if err != nil {
			return fmt.Errorf("put when the limits of %s were first read: %w", workspaceID, err)
		}
	}
	return nil
}

// limitReads gives when each scope was first read, as far as it was by at.
func (tx *Tx) limitReads(orgID string, at int64) (map[string]time.Time, error) {
	var rows []struct {
		WorkspaceID string `db:"workspace_id"`
		FirstMS     int64  `db:"first_ms"`
	}
	err := tx.list(&rows, "SELECT workspace_id, first_ms FROM limit_reads WHERE organization_id = ? AND first_ms <= ?", orgID, at)
	if err != nil {
		return nil, fmt.Errorf("list when the limits of organization %s were first read: %w", orgID, err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	out := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		out[r.WorkspaceID] = fromMS(r.FirstMS)
	}
	return out, nil
}
