package simulate

import (
	"encoding/hex"
	"hash/fnv"
	"slices"
	"time"
)

const (
	maxListed      = 1000
	defaultListed  = 20
	maxIDs         = 100
	colourlessGrey = "#9E9E9E"
)

// wireList is a page of the lists that go by the ids of their first and last
// entry. Both are set on the final page too.
type wireList[T any] struct {
	Data    []T     `json:"data"`
	FirstID *string `json:"first_id"`
	LastID  *string `json:"last_id"`
	HasMore bool    `json:"has_more"`
	*wireExtra
}

// list cuts a page out of all.
func list[T any](c *call, all []T, id func(T) string) (any, *refusal) {
	p := c.params
	limit, after, before := p.limit(defaultListed, maxListed), p.one("after_id"), p.one("before_id")
	if refused := p.finish(); refused != nil {
		return nil, refused
	}
	find := func(name, v string) (int, *refusal) {
		if i := slices.IndexFunc(all, func(t T) bool { return id(t) == v }); i >= 0 {
			return i, nil
		}
		return 0, bad(name, "no entry %q in this list", clip(v))
	}
	var refused *refusal
	from, to := 0, len(all)
	switch {
	case after != "" && before != "":
		return nil, bad("before_id", "cannot be combined with after_id")
	case after != "":
		from, refused = find("after_id", after)
		from++
	case before != "":
		to, refused = find("before_id", before)
		from = max(0, to-limit)
	}
	if refused != nil {
		return nil, refused
	}
	out := wireList[T]{Data: append([]T{}, all[from:min(from+limit, to)]...), wireExtra: extra(c.faults)}
	out.HasMore = from+limit < to || before != "" && from > 0
	if n := len(out.Data); n > 0 {
		first, last := id(out.Data[0]), id(out.Data[n-1])
		out.FirstID, out.LastID = &first, &last
	}
	return out, nil
}

type wireMe struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Name string `json:"name"`
	*wireExtra
}

func (s *Server) me(c *call) (any, *refusal) {
	if refused := c.params.finish(); refused != nil {
		return nil, refused
	}
	o := s.config.Organization
	return wireMe{o.ID, "organization", o.Name, extra(c.faults)}, nil
}

type wireWorkspace struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	ArchivedAt *time.Time `json:"archived_at"`
	Color      string     `json:"display_color"`
	Compart    string     `json:"compartment_id"`
	ExternKey  *string    `json:"external_key_id"`
	Residency  struct {
		Geo     string `json:"workspace_geo"`
		Default string `json:"default_inference_geo"`
		Allowed any    `json:"allowed_inference_geos"` // "unrestricted" or a list
	} `json:"data_residency"`
	Tags        map[string]string `json:"tags"`
	UserProfile *string           `json:"user_profile_id"`
	*wireExtra
}

func toWorkspace(w Workspace, e *wireExtra) wireWorkspace {
	out := wireWorkspace{
		ID: w.ID, Type: "workspace", Name: w.Name, CreatedAt: w.CreatedAt, ArchivedAt: orNoTime(w.ArchivedAt),
		Color: w.Color, Compart: uuid(w.ID), Tags: w.Tags, wireExtra: e,
	}
	if out.Color == "" {
		out.Color = colourlessGrey
	}
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	out.Residency.Geo, out.Residency.Default, out.Residency.Allowed = "us", "global", "unrestricted"
	if len(w.Geos) > 0 {
		out.Residency.Default, out.Residency.Allowed = w.Geos[0], w.Geos
	}
	return out
}

// uuid makes an identifier of that form out of any text.
func uuid(text string) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(text)) // a hash takes everything
	x := hex.EncodeToString(h.Sum(nil))
	return x[:8] + "-" + x[8:12] + "-4" + x[13:16] + "-a" + x[17:20] + "-" + x[20:]
}

func orNoTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Server) workspaces(c *call) (any, *refusal) {
	p := c.params
	archived, home, ids := p.flag("include_archived"), p.flag("include_default"), p.ids("ids")
	if len(ids) > maxIDs {
		p.refuse(bad("ids", "at most %d ids are allowed, got %d", maxIDs, len(ids)))
	}
	all := []wireWorkspace{}
	for _, w := range s.config.Organization.Workspaces {
		hidden := w.Default && !home || !w.ArchivedAt.IsZero() && !archived
		if !hidden && (ids == nil || slices.Contains(ids, w.ID)) {
			all = append(all, toWorkspace(w, extra(c.faults)))
		}
	}
	return list(c, all, func(w wireWorkspace) string { return w.ID })
}

func (s *Server) workspace(c *call) (any, *refusal) {
	if refused := c.params.finish(); refused != nil {
		return nil, refused
	}
	for _, w := range s.config.Organization.Workspaces {
		if w.ID == c.id {
			return toWorkspace(w, extra(c.faults)), nil
		}
	}
	return nil, refuse(404, "Workspace not found: %s", clip(c.id))
}
