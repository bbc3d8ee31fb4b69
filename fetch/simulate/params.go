package simulate

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params reads a query strictly: what is not asked for by the endpoint, is given
// twice, or does not parse, is refused. The first refusal is kept.
type params struct {
	values url.Values
	known  map[string]bool
	first  *refusal
}

func parse(raw string) (*params, *refusal) {
	v, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(400, "query string: %s", strings.ToValidUTF8(err.Error(), "?"))
	}
	// The SDKs add beta=true to the paths of some beta endpoints.
	return &params{values: v, known: map[string]bool{"beta": true}}, nil
}

func (p *params) refuse(r *refusal) {
	if p.first == nil {
		p.first = r
	}
}

// finish is the first refusal, or one for a parameter nobody asked for.
func (p *params) finish() *refusal {
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if !p.known[name] {
			p.refuse(bad(strings.ToValidUTF8(clip(name), "?"), "extra inputs are not permitted"))
		}
	}
	return p.first
}

// one is a parameter that may be given once; empty if it is not.
func (p *params) one(name string) string {
	p.known[name] = true
	v := p.values[name]
	switch {
	case len(v) == 0:
		return ""
	case len(v) > 1:
		p.refuse(bad(name, "given %d times", len(v)))
	case v[0] == "":
		p.refuse(bad(name, "input should not be empty"))
	}
	return v[0]
}

// list is a repeated parameter, name[]; nil if it is not given.
func (p *params) list(name string, allowed ...string) []string {
	p.known[name+"[]"] = true
	v := p.values[name+"[]"]
	for _, x := range v {
		if len(allowed) > 0 && !slices.Contains(allowed, x) {
			p.refuse(bad(name, "input should be one of %s, got %q", strings.Join(allowed, ", "), clip(x)))
		}
	}
	return v
}

// ids is a list in which no entry may be empty.
func (p *params) ids(name string) []string {
	v := p.list(name)
	if slices.Contains(v, "") {
		p.refuse(bad(name, "entries should not be empty"))
	}
	return v
}

func (p *params) choice(name, preset string, allowed ...string) string {
	v := p.one(name)
	if v == "" {
		return preset
	}
	if !slices.Contains(allowed, v) {
		p.refuse(bad(name, "input should be one of %s, got %q", strings.Join(allowed, ", "), clip(v)))
	}
	return v
}

func (p *params) flag(name string) bool {
	return p.choice(name, "false", "true", "false") == "true"
}

// limit is the page size: a whole number from 1 to most.
func (p *params) limit(preset, most int) int {
	const name = "limit"
	v := p.one(name)
	if v == "" {
		return preset
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		p.refuse(bad(name, "input should be a whole number from 1 to %d, got %q", most, clip(v)))
		return preset
	}
	return n
}

// time is an RFC 3339 time with a zone; zero if it is not given.
func (p *params) time(name string) time.Time {
	v := p.one(name)
	if v == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil || t.Year() < 1970 || t.Year() > 9000 {
		p.refuse(bad(name, "input should be an RFC 3339 time with a zone, got %q", clip(v)))
		return time.Time{}
	}
	return t.UTC()
}
