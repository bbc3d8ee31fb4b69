package simulate

import (
	"slices"
	"time"
)

// The documented bounds of the newer reports.
const (
	maxGroupBy     = 5
	maxRows        = 1000
	defaultRows    = 20
	maxSpan        = 31 * 24 * time.Hour
	maxMinuteSpan  = 24 * time.Hour
	maxHistory     = 365 * 24 * time.Hour
	day            = 24 * time.Hour
	orderByTime    = "time"
	orderByTokens  = "total_tokens"
	orderByAmount  = "amount"
	geoUnset       = "not_available"
	costTypeColumn = "cost_type"
	tokenColumn    = "token_type"
)

var (
	reportsBegin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

	products = []string{"messages_api", "message_batches_api", "managed_agents_api", "claude_console", "claude_code",
		"chat", "cowork", "chat_cowork_unified", "office_agent", "claude_in_chrome", "claude_design", "claude_tag"}
	serviceTiers   = []string{"standard", "batch", "priority", "priority_on_demand", "flex", "flex_discount"}
	speeds         = []string{"standard", "fast"}
	contextWindows = []string{"0-200k", "200k-1M"}
	geos           = []string{"global", "us", geoUnset}
	actorTypes     = []string{"user_actor", "service_account_actor", "federated_actor", "api_actor"}
	tagCategories  = []string{"dm", "engaged", "monitoring", "proactive", "scheduled"}
)

// query is a request for analytics/usage or analytics/cost.
type query struct {
	from, to    time.Time
	width       time.Duration // zero: one row per combination over the whole range
	grouped     [dimensions]bool
	byCostType  bool
	byTokenType bool
	order       string
	ascending   bool
	limit       int
	cursor      *cursor
	filters     []filter
	hideDeleted bool
	print       uint64 // of the parameters, for cursors
}

// filter keeps the streams whose dimension has one of the values; an empty value
// is null.
type filter struct {
	dimension int
	values    []string
}

func (f filter) matches(l labels) bool {
	v := l[f.dimension]
	if f.dimension == dimActor {
		_, v = cutActor(v)
	}
	return slices.Contains(f.values, v)
}

// analytics reads the parameters the two reports share; orders are the measures
// to order by, the first being the preset.
func (c *call) analytics(orders []string, extra ...string) (*query, *refusal) {
	if refused := c.needs(analyticsBeta); refused != nil {
		return nil, refused
	}
	p := c.params
	q := &query{
		width:       map[string]time.Duration{"1m": time.Minute, "1h": time.Hour, "1d": day}[p.choice("time_bucket_width", "", "1m", "1h", "1d")],
		order:       p.choice("order_by", orders[0], append(slices.Clone(orders), orderByTime)...),
		ascending:   p.choice("order", "desc", "asc", "desc") == "asc",
		limit:       p.limit(defaultRows, maxRows),
		hideDeleted: p.flag("exclude_deleted_users"),
		print:       p.fingerprint(c.endpoint),
	}
	if q.order == orderByTime && q.width == 0 {
		q.order = orders[0]
	}
	q.cursor = p.page(c.endpoint)
	q.readRange(p, c.at)
	q.readGroups(p, extra)
	q.readFilters(p)
	return q, p.finish()
}

// readRange checks starting_at and ending_at against each other, the width and
// what is kept.
func (q *query) readRange(p *params, at time.Time) {
	q.from, q.to = p.time("starting_at"), p.time("ending_at")
	switch {
	case p.values.Get("starting_at") == "":
		p.refuse(bad("starting_at", "field required"))
	case p.first != nil:
		return
	case q.from.Before(reportsBegin) || q.from.Before(at.Add(-maxHistory)):
		p.refuse(bad("starting_at", "must be within the last 365 days and no earlier than 2026-01-01T00:00:00Z"))
	case q.to.IsZero() && q.width > 0:
		p.refuse(bad("ending_at", "required when time_bucket_width is set"))
	case q.to.IsZero():
		if q.to = q.from.Add(maxSpan); at.Before(q.to) {
			q.to = at
		}
	case !q.to.After(q.from):
		p.refuse(bad("ending_at", "must be after starting_at"))
	case q.to.Sub(q.from) > maxSpan:
		p.refuse(bad("ending_at", "the range may span at most 31 days"))
	case q.width == time.Minute && q.to.Sub(q.from) > maxMinuteSpan:
		p.refuse(bad("ending_at", "the range may span at most 24 hours with time_bucket_width=1m"))
	}
	if q.width == 0 {
		q.from, q.to = q.from.Truncate(time.Hour), q.to.Truncate(time.Hour)
		return
	}
	q.from = q.from.Truncate(q.width) // rounding is not documented; whole buckets are the least surprise
}

func (q *query) readGroups(p *params, extra []string) {
	names := p.list("group_by", append(slices.Clone(dimensionNames[:]), extra...)...)
	counted := 0
	for _, name := range names {
		switch i := slices.Index(dimensionNames[:], name); {
		case name == costTypeColumn:
			q.byCostType = true
		case name == tokenColumn:
			q.byTokenType = true
		case i >= 0:
			q.grouped[i] = true
			counted++
		}
	}
	if counted > maxGroupBy {
		p.refuse(bad("group_by", "at most %d dimensions are allowed, got %d", maxGroupBy, counted))
	}
	if q.hideDeleted && !q.grouped[dimActor] {
		p.refuse(bad("exclude_deleted_users", "requires group_by[]=actor"))
	}
	if q.grouped[dimTagUser] && (q.grouped[dimRBACGroup] || len(p.values["rbac_group_ids[]"]) > 0) {
		p.refuse(bad("group_by", "claude_tag_user_id cannot be combined with RBAC groups"))
	}
}

func (q *query) readFilters(p *params) {
	read := func(dimension int, values []string) {
		if len(values) > 0 {
			q.filters = append(q.filters, filter{dimension, values})
		}
	}
	read(dimProduct, p.list("products", products...))
	read(dimTier, p.list("service_tiers", serviceTiers...))
	read(dimSpeed, p.list("speeds", speeds...))
	read(dimContextWindow, p.list("context_windows", contextWindows...))
	read(dimGeo, unset(p.list("inference_geos", geos...)))
	read(dimActorType, p.list("actor_types", actorTypes...))
	read(dimTagCategory, p.list("claude_tag_categories", tagCategories...))
	read(dimAPIKey, p.list("api_key_ids")) // an empty entry is usage without a key
	for dimension, name := range map[int]string{
		dimModel: "models", dimWorkspace: "workspace_ids", dimActor: "actor_ids", dimAgent: "agent_ids",
		dimSession: "session_ids", dimDeployment: "deployment_ids", dimEnvironment: "environment_ids",
		dimUserProfile: "user_profile_ids", dimOrganization: "organization_ids", dimRBACGroup: "rbac_group_ids",
		dimSlackChannel: "slack_channel_ids", dimTagUser: "claude_tag_user_ids",
	} {
		read(dimension, p.ids(name))
	}
}

// unset turns the API's word for a region that is not set into null.
func unset(values []string) []string {
	out := slices.Clone(values)
	for i, v := range out {
		if v == geoUnset {
			out[i] = ""
		}
	}
	return out
}
