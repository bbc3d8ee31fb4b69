package store

import (
	"database/sql"
	"fmt"
	"time"

	"alerter/usage"
)

type organizationRow struct {
	ID   string `db:"id"`
	Name string `db:"name"`
}

type workspaceRow struct {
	ID       string `db:"id"`
	Name     string `db:"name"`
	Default  bool   `db:"is_default"`
	Archived bool   `db:"archived"`
}

type keyRow struct {
	ID          string `db:"id"`
	Name        string `db:"name"`
	WorkspaceID string `db:"workspace_id"`
}

// PutOrganization stores an organization's name and the names of what is in it.
// Workspaces and keys that o does not list stay: older usage carries their ids.
//
// configured is what its entry in rules.yaml is called, so that the entry finds
// the organization before the API has answered; empty leaves that as it is.
// One entry has one organization: the newest.
func (tx *Tx) PutOrganization(o usage.Organization, configured string, at time.Time) error {
	if err := tx.putOrganization(o, configured, at); err != nil {
		return fmt.Errorf("put organization %s: %w", o.ID, err)
	}
	return nil
}

func (tx *Tx) putOrganization(o usage.Organization, configured string, at time.Time) error {
	entry := sql.NullString{String: configured, Valid: configured != ""}
	if _, err := tx.exec("UPDATE organizations SET configured = NULL WHERE configured = ? AND id <> ?", entry, o.ID); err != nil {
		return err
	}
	_, err := tx.exec(`
		INSERT INTO organizations (id, configured, name, put_ms) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET
			configured = COALESCE(excluded.configured, organizations.configured), name = excluded.name, watched = 1, put_ms = excluded.put_ms`,
		o.ID, entry, o.Name, toMS(at))
	if err != nil {
		return err
	}
	for _, w := range o.Workspaces {
		_, err := tx.exec(`
			INSERT INTO workspaces (organization_id, id, name, is_default, archived) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, is_default = excluded.is_default, archived = excluded.archived`,
			o.ID, w.ID, w.Name, w.Default, w.Archived)
		if err != nil {
			return fmt.Errorf("workspace %s: %w", w.ID, err)
		}
	}
	for _, k := range o.Keys {
		_, err := tx.exec(`
			INSERT INTO api_keys (organization_id, id, name, workspace_id) VALUES (?, ?, ?, ?)
			ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, workspace_id = excluded.workspace_id`,
			o.ID, k.ID, k.Name, k.WorkspaceID)
		if err != nil {
			return fmt.Errorf("key %s: %w", k.ID, err)
		}
	}
	return nil
}

// Organizations lists the organizations that are watched, by name.
func (tx *Tx) Organizations() ([]usage.Organization, error) {
	var rows []organizationRow
	if err := tx.list(&rows, "SELECT id, name FROM organizations WHERE watched = 1 ORDER BY name, id"); err != nil {
		return nil, fmt.Errorf("list the organizations: %w", err)
	}
	out := make([]usage.Organization, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = tx.fill(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Organization finds one by its id and reports whether it is known.
func (tx *Tx) Organization(id string) (usage.Organization, bool, error) {
	return tx.organizationWhere("SELECT id, name FROM organizations WHERE id = ?", id)
}

// OrganizationByConfig finds the one that an entry in rules.yaml had last, and
// reports whether there is one.
func (tx *Tx) OrganizationByConfig(configured string) (usage.Organization, bool, error) {
	return tx.organizationWhere("SELECT id, name FROM organizations WHERE configured = ?", configured)
}

func (tx *Tx) organizationWhere(query, arg string) (usage.Organization, bool, error) {
	var r organizationRow
	found, err := tx.get(&r, query, arg)
	if err != nil {
		return usage.Organization{}, false, fmt.Errorf("find organization %q: %w", arg, err)
	}
	if !found {
		return usage.Organization{}, false, nil
	}
	o, err := tx.fill(r)
	return o, err == nil, err
}

// fill reads what is in the organization, by id.
func (tx *Tx) fill(r organizationRow) (usage.Organization, error) {
	o := usage.Organization{ID: r.ID, Name: r.Name}
	var workspaces []workspaceRow
	err := tx.list(&workspaces, "SELECT id, name, is_default, archived FROM workspaces WHERE organization_id = ? ORDER BY id", r.ID)
	if err != nil {
		return o, fmt.Errorf("list the workspaces of organization %s: %w", r.ID, err)
	}
	for _, w := range workspaces {
		o.Workspaces = append(o.Workspaces, usage.Workspace(w))
	}
	var keys []keyRow
	err = tx.list(&keys, "SELECT id, name, workspace_id FROM api_keys WHERE organization_id = ? ORDER BY id", r.ID)
	if err != nil {
		return o, fmt.Errorf("list the keys of organization %s: %w", r.ID, err)
	}
	for _, k := range keys {
		o.Keys = append(o.Keys, usage.Key(k))
	}
	return o, nil
}
