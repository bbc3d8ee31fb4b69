package simulate

import (
	"encoding/json"
	"slices"
)

type wireLimits[T any] struct {
	Data     []T     `json:"data"`
	NextPage *string `json:"next_page"`
	*wireExtra
}

type wireLimit struct {
	Type  string `json:"type"`
	Value int64  `json:"value"`
}

type wireLimitGroup struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"display_name,omitempty"`
}

type wireOrganizationLimits struct {
	Type      string         `json:"type"`
	ID        string         `json:"id"`
	GroupType string         `json:"group_type,omitempty"` // under the older version of the API only
	Group     wireLimitGroup `json:"group"`
	Models    []string       `json:"models"` // null unless a model group
	Limits    []wireLimit    `json:"limits"`
	*wireExtra
}

type wireWorkspaceLimits struct {
	Type      string               `json:"type"`
	ID        string               `json:"rate_limit_id"`
	Workspace string               `json:"workspace_id"`
	GroupType string               `json:"group_type,omitempty"` // under the older version of the API only
	Group     wireLimitGroup       `json:"group"`
	Models    []string             `json:"models"`
	Limits    []wireWorkspaceLimit `json:"limits"`
	*wireExtra
}

type wireWorkspaceLimit struct {
	Type         string          `json:"type"`
	Value        int64           `json:"value"`
	Organization *int64          `json:"org_limit"`
	Source       json.RawMessage `json:"source"`
}

var groupTypes = []string{"model_group", "batch", "token_count", "files", "skills", "web_search"}

func toGroup(g Group) wireLimitGroup { return wireLimitGroup{g.Type, g.ID, g.Name} }

// groupType is what the older version of the API says beside group.type.
func (c *call) groupType(g Group) string {
	if c.version == version2023 {
		return g.Type
	}
	return ""
}

func (s *Server) rateLimits(c *call) (any, *refusal) {
	p := c.params
	kind, model := p.choice("group_type", "", groupTypes...), p.one("model")
	all := []wireOrganizationLimits{}
	for _, g := range s.groups(c) {
		if kind != "" && g.Type != kind || model != "" && !slices.Contains(g.Models, model) || len(g.Limits) == 0 {
			continue
		}
		w := wireOrganizationLimits{
			Type: "rate_limit", ID: g.RateLimitID, GroupType: c.groupType(g), Group: toGroup(g), Models: models(g, nil),
			wireExtra: extra(c.faults),
		}
		for _, l := range g.Limits {
			w.Limits = append(w.Limits, wireLimit(l))
		}
		all = append(all, w)
	}
	if model != "" && len(all) == 0 && p.first == nil {
		p.refuse(refuse(404, "No rate limits found for model %s", clip(model)))
	}
	return limitPage(c, all)
}

// groups are the groups in force, with what the faults add to them.
func (s *Server) groups(c *call) []Group {
	groups := s.timeline.at(c.at).clone().groups
	if has(c.faults, UnknownLimiter) && len(groups) > 0 {
		groups[0].Limits = append(groups[0].Limits, Limit{"quantum_tokens_per_fortnight", 4096})
	}
	if has(c.faults, UnknownGroup) {
		groups = append(groups, Group{
			ID: "rlg_01SimulatedUnknownGroup", RateLimitID: "rl_01SimulatedUnknownGroup", Type: "dream_group",
			Limits: []Limit{{"requests_per_minute", 77}},
		})
	}
	return groups
}

// models is null for what is not a model group, else what of it is allowed.
func models(g Group, allowed []string) []string {
	if g.Type != "model_group" {
		return nil
	}
	out := []string{}
	for _, m := range g.Models {
		if allowed == nil || slices.Contains(allowed, m) {
			out = append(out, m)
		}
	}
	return out
}

// limitPage cuts a page; without a limit there is only one.
func limitPage[T any](c *call, all []T) (any, *refusal) {
	p := c.params
	limit, from := p.limit(len(all), maxListed), 0
	at := p.page(c.endpoint)
	if refused := p.finish(); refused != nil {
		return nil, refused
	}
	if at != nil {
		from = min(at.Skip, len(all))
	}
	out := wireLimits[T]{Data: append([]T{}, all[from:min(from+limit, len(all))]...), wireExtra: extra(c.faults)}
	if from+limit < len(all) {
		next := cursor{Params: p.fingerprint(c.endpoint), Skip: from + limit}.String()
		out.NextPage = &next
	}
	return out, nil
}

func (s *Server) workspaceRateLimits(c *call) (any, *refusal) {
	kind, inherited := c.params.choice("group_type", "", groupTypes...), c.params.flag("include_inherited")
	w := s.findWorkspace(c.id)
	if w == nil || w.ID != c.id || w.Default {
		return nil, refuse(404, "Workspace not found: %s", clip(c.id))
	}
	overrides := s.timeline.at(c.at).overrides
	all := []wireWorkspaceLimits{}
	for _, g := range s.groups(c) {
		out := wireWorkspaceLimits{
			Type: "workspace_rate_limit", ID: g.RateLimitID, Workspace: w.ID, GroupType: c.groupType(g), Group: toGroup(g),
			Models: models(g, w.Models), Limits: workspaceLimits(g, w.ID, overrides, inherited), wireExtra: extra(c.faults),
		}
		hidden := g.Type == "model_group" && len(out.Models) == 0
		if len(out.Limits) > 0 && !hidden && (kind == "" || kind == g.Type) {
			all = append(all, out)
		}
	}
	return limitPage(c, all)
}

// workspaceLimits are the overrides of a group, in the organization's order and
// then those of types it has no value for; with the inherited values if asked.
func workspaceLimits(g Group, workspace string, overrides []Override, inherited bool) []wireWorkspaceLimit {
	var out []wireWorkspaceLimit
	find := func(kind string) int {
		return slices.IndexFunc(overrides, func(o Override) bool {
			return o.Workspace == workspace && o.Group == g.ID && o.Limit.Type == kind
		})
	}
	for _, l := range g.Limits {
		if i := find(l.Type); i >= 0 {
			out = append(out, wireWorkspaceLimit{l.Type, overrides[i].Limit.Value, &l.Value, json.RawMessage(`{"type":"workspace"}`)})
		} else if inherited {
			out = append(out, wireWorkspaceLimit{l.Type, l.Value, &l.Value, json.RawMessage(`{"type":"organization"}`)})
		}
	}
	for _, o := range overrides {
		known := slices.ContainsFunc(g.Limits, func(l Limit) bool { return l.Type == o.Limit.Type })
		if o.Workspace == workspace && o.Group == g.ID && !known {
			out = append(out, wireWorkspaceLimit{o.Limit.Type, o.Limit.Value, nil, json.RawMessage(`{"type":"workspace"}`)})
		}
	}
	return out
}
