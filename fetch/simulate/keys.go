package simulate

import (
	"encoding/json"
	"strings"
	"time"
)

type wireKey struct {
	ID        string     `json:"id"`
	Type      string     `json:"type"`
	Name      string     `json:"name"`
	Status    string     `json:"status"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
	CreatedBy *wireBy    `json:"created_by"`
	Hint      *string    `json:"partial_key_hint"`
	Principal any        `json:"principal"`
	Scope     wireScope  `json:"scope"`

	// Workspace is sent under the older version of the API only: null for a key
	// of the default workspace or of the organization.
	Workspace json.RawMessage `json:"workspace_id,omitempty"`
	*wireExtra
}

type wireBy struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type wireScope struct {
	Type      string `json:"type"`
	Workspace string `json:"workspace_id,omitempty"`
}

func (s *Server) toKey(c *call, k APIKey) wireKey {
	out := wireKey{
		ID: k.ID, Type: "api_key", Name: k.Name, Status: k.Status, CreatedAt: k.CreatedAt, ExpiresAt: orNoTime(k.ExpiresAt),
		Hint: orNull(k.Hint), Scope: wireScope{Type: "organization"}, wireExtra: extra(c.faults),
	}
	if k.Status == "" {
		out.Status = "active"
	}
	if k.Workspace != "" {
		out.Scope = wireScope{"workspace", k.Workspace}
	}
	if k.CreatedBy != "" {
		out.CreatedBy = &wireBy{k.CreatedBy, "user"}
		if isServiceAccount(k.CreatedBy) {
			out.CreatedBy.Type = "service_account"
		}
	}
	switch {
	case isServiceAccount(k.Principal):
		out.Principal = map[string]string{"type": "service_account_actor", "service_account_id": k.Principal}
	case k.Principal != "":
		out.Principal = map[string]string{"type": "user_actor", "user_id": k.Principal}
	}
	if c.version == version2023 {
		out.Workspace = json.RawMessage("null")
		if k.Workspace != "" && k.Workspace != s.home {
			out.Workspace = json.RawMessage(`"` + k.Workspace + `"`)
		}
	}
	return out
}

func isServiceAccount(id string) bool { return strings.HasPrefix(id, "svac_") }

func (s *Server) apiKeys(c *call) (any, *refusal) {
	p := c.params
	status := p.choice("status", "", "active", "inactive", "archived", "expired")
	workspace, creator := p.one("workspace_id"), p.one("created_by_user_id")
	all := []wireKey{}
	for _, k := range s.config.Organization.Keys {
		w := s.toKey(c, k)
		if (status == "" || w.Status == status) && (workspace == "" || k.Workspace == workspace) &&
			(creator == "" || k.CreatedBy == creator) {
			all = append(all, w)
		}
	}
	return list(c, all, func(k wireKey) string { return k.ID })
}
