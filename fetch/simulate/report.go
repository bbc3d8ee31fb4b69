package simulate

import (
	"slices"
	"time"
)

// legacy is a request for one of the older reports, which page by buckets.
type legacy struct {
	from, to time.Time
	width    time.Duration
	limit    int
	next     func(time.Time) string
}

// bounds are the page sizes of the older usage report by width: preset and most.
var bounds = map[string]struct {
	width        time.Duration
	preset, most int
}{
	"1m": {time.Minute, 60, 1440},
	"1h": {time.Hour, 24, 168},
	"1d": {day, 7, 31},
}

// legacyRange reads the parameters the two older reports share.
func (c *call) legacyRange(widths ...string) legacy {
	p := c.params
	b := bounds[p.choice("bucket_width", "1d", widths...)]
	if b.width == 0 {
		b = bounds["1d"] // refused already
	}
	l := legacy{width: b.width, limit: p.limit(b.preset, b.most), from: p.time("starting_at"), to: p.time("ending_at")}
	if p.values.Get("starting_at") == "" {
		p.refuse(bad("starting_at", "field required"))
	}
	if !l.to.IsZero() && !l.to.After(l.from) {
		p.refuse(bad("ending_at", "must be after starting_at"))
	}
	l.from, l.to = l.from.Truncate(l.width), l.to.Truncate(l.width)
	if newest := c.at.Truncate(l.width).Add(l.width); l.to.IsZero() || l.to.After(newest) {
		l.to = newest // the running bucket is there, buckets to come are not
	}
	mark := p.fingerprint(c.endpoint)
	l.next = func(at time.Time) string { return cursor{Params: mark, At: at.Unix()}.String() }
	if at := p.page(c.endpoint); at != nil {
		from := time.Unix(at.At, 0).UTC()
		if from.Before(l.from) || from.After(l.to) || !from.Equal(from.Truncate(l.width)) {
			p.refuse(bad("page", "invalid cursor"))
			from = l.to
		}
		l.from = from
	}
	return l
}

type wireBuckets[T any] struct {
	Data     []wireBucket[T] `json:"data"`
	HasMore  bool            `json:"has_more"`
	NextPage *string         `json:"next_page"`
	*wireExtra
}

type wireBucket[T any] struct {
	From    time.Time `json:"starting_at"`
	To      time.Time `json:"ending_at"`
	Results []T       `json:"results"`
	*wireExtra
}

// buckets are a page of them, oldest first, the empty ones too.
func legacyPage[T any](c *call, l legacy, results func(from, to time.Time) []T) wireBuckets[T] {
	out := wireBuckets[T]{Data: []wireBucket[T]{}, wireExtra: extra(c.faults)}
	at := l.from
	for ; at.Before(l.to) && len(out.Data) < l.limit; at = at.Add(l.width) {
		b := wireBucket[T]{From: at, To: at.Add(l.width), Results: results(at, at.Add(l.width)), wireExtra: extra(c.faults)}
		out.Data = append(out.Data, b)
	}
	if at.Before(l.to) {
		next := l.next(at)
		out.HasMore, out.NextPage = true, &next
	}
	return out
}

// wireResult is flat, unlike the rows of the newer report.
type wireResult struct {
	wireTokens
	Account        *string `json:"account_id"`
	APIKey         *string `json:"api_key_id"`
	ContextWindow  *string `json:"context_window"`
	Geo            *string `json:"inference_geo"`
	Model          *string `json:"model"`
	ServiceAccount *string `json:"service_account_id"`
	Tier           *string `json:"service_tier"`
	Speed          *string `json:"speed,omitempty"`
	Workspace      *string `json:"workspace_id"`
	*wireExtra
}

// legacyColumns are group_by[] of the older usage report. The two that the newer
// one calls actor are kept in dimensions that no stream of a Console organization has.
var legacyColumns = map[string]int{
	"account_id": dimTagUser, "api_key_id": dimAPIKey, "context_window": dimContextWindow, "inference_geo": dimGeo,
	"model": dimModel, "service_account_id": dimRBACGroup, "service_tier": dimTier, "speed": dimSpeed, "workspace_id": dimWorkspace,
}

// legacyLabels are a stream's values in the older reports: the default workspace
// is null, a region that is not set has a name, and who used it is in two columns.
func (s *Server) legacyLabels() []labels {
	out := slices.Clone(s.labels)
	for i := range out {
		l := &out[i]
		if l[dimWorkspace] == s.home {
			l[dimWorkspace] = ""
		}
		if l[dimGeo] == "" {
			l[dimGeo] = geoUnset
		}
		switch kind, id := cutActor(l[dimActor]); {
		case kind == "user_actor" && l[dimAPIKey] == "":
			l[dimTagUser] = id
		case kind == "service_account_actor" && l[dimAPIKey] == "":
			l[dimRBACGroup] = id
		}
	}
	return out
}

func (s *Server) usageReport(c *call) (any, *refusal) {
	p := c.params
	l := c.legacyRange("1m", "1h", "1d")
	q := c.legacyQuery()
	if refused := p.finish(); refused != nil {
		return nil, refused
	}
	at := s.seenAt(c)
	g := q.group(s.legacyLabels(), nil)
	for i, stream := range s.config.Traffic.Streams {
		if stream.isCodeExecution() {
			g.of[i] = -1
		}
	}
	sums := make([]tally, len(g.keys))
	return legacyPage(c, l, func(from, to time.Time) []wireResult {
		lines := s.tallies(q, g, sums, from, to, at)
		sortLines(lines, g.keys, false)
		out := make([]wireResult, 0, len(lines))
		for _, line := range lines {
			out = append(out, toResult(g.keys[line.group], line.body, extra(c.faults)))
		}
		return out
	}), nil
}

func toResult(l labels, t tally, e *wireExtra) wireResult {
	return wireResult{
		wireTokens: toTokens(t.Counts), Account: orNull(l[dimTagUser]), APIKey: orNull(l[dimAPIKey]),
		ContextWindow: orNull(l[dimContextWindow]), Geo: orNull(l[dimGeo]), Model: orNull(l[dimModel]),
		ServiceAccount: orNull(l[dimRBACGroup]), Tier: orNull(l[dimTier]), Speed: orNull(l[dimSpeed]),
		Workspace: orNull(l[dimWorkspace]), wireExtra: e,
	}
}

// legacyQuery reads the groups and filters of the older usage report.
func (c *call) legacyQuery() *query {
	p := c.params
	q := &query{order: orderByTokens}
	names := p.list("group_by", "account_id", "api_key_id", "context_window", "inference_geo", "model",
		"service_account_id", "service_tier", "speed", "workspace_id")
	for i, name := range names {
		if d, ok := legacyColumns[name]; ok && !slices.Contains(names[:i], name) {
			q.grouped[d] = true
		}
	}
	if len(names) > maxGroupBy {
		p.refuse(bad("group_by", "at most %d dimensions are allowed, got %d", maxGroupBy, len(names)))
	}
	for d, values := range map[int][]string{
		dimModel: p.ids("models"), dimWorkspace: p.ids("workspace_ids"), dimAPIKey: p.ids("api_key_ids"),
		dimTagUser: p.ids("account_ids"), dimRBACGroup: p.ids("service_account_ids"),
		dimTier: p.list("service_tiers", serviceTiers...), dimContextWindow: p.list("context_window", contextWindows...),
		dimGeo: p.list("inference_geos", geos...), dimSpeed: p.list("speeds", speeds...),
	} {
		if len(values) > 0 {
			q.filters = append(q.filters, filter{d, values})
		}
	}
	return q
}
