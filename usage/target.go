package usage

import (
	"slices"
	"time"
)

// scope is whose limits of which group.
type scope struct{ workspaceID, groupID string }

// column is one running sum of a limit.
type column struct {
	index   int32 // into whatever the sums are kept in
	limiter Limiter
	sum     sum
}

// target is a column that a combination's use is added to, in some minutes.
type target struct {
	column int32
	sum    sum
	span   span
}

// place is a group that counts a model, and when.
type place struct {
	groupID string
	span    span
	// lacksFast reports whether the use is fast mode's and no limit here counts it.
	lacksFast bool
}

// targets is where one combination's use goes: worked out once, used for each minute.
type targets struct {
	of       Combination
	tokens   []target // tokens and web searches in a minute
	requests []target
	days     []target // tokens in a day
	places   []place
	outside  bool // in no workspace, see excluded
	inGroup  bool // some group counts it in every minute and nothing is missing there, or need not

	gap, lackedFast bool // what [join] found on the way
}

// counter knows which columns count which combination.
type counter struct {
	base    time.Time // minute 0
	minutes span      // those that matter
	columns map[scope][]column
	members map[string][]Membership // by model
	// everyModel is the groups that count all models: those of web searches.
	everyModel []string

	// Most combinations are met by the same pointer in every minute, which is
	// several times quicker to look up than the value.
	byPointer map[*Combination]*targets
	byValue   map[Combination]*targets
}

// newCounter makes a counter without columns.
func newCounter(base time.Time, minutes span, members []Membership) *counter {
	c := &counter{
		base: base, minutes: minutes,
		columns:   make(map[scope][]column),
		members:   make(map[string][]Membership),
		byPointer: make(map[*Combination]*targets),
		byValue:   make(map[Combination]*targets),
	}
	for _, m := range members {
		c.members[m.Model] = append(c.members[m.Model], m)
	}
	return c
}

// add puts a column under its limit. Columns of a web search group are of every model.
func (c *counter) add(s scope, col column) {
	if col.limiter == ToolUsesPerSecond && !slices.Contains(c.everyModel, s.groupID) {
		c.everyModel = append(c.everyModel, s.groupID)
	}
	c.columns[s] = append(c.columns[s], col)
}

// targets is where a combination's use goes.
func (c *counter) targets(of *Combination) *targets {
	if t, ok := c.byPointer[of]; ok {
		return t
	}
	var value Combination
	if of != nil {
		value = *of
	}
	t, ok := c.byValue[value]
	if !ok {
		t = c.resolve(value)
		c.byValue[value] = t
	}
	c.byPointer[of] = t
	return t
}

// resolve works out where a combination's use goes.
func (c *counter) resolve(of Combination) *targets {
	t := &targets{of: of, outside: of.WorkspaceID == ""}
	for _, m := range c.members[of.Model] {
		s := spanOf(c.base, m.From, m.Until)
		if s.until <= c.minutes.from || c.minutes.until <= s.from {
			continue
		}
		fast := c.collect(t, m.GroupID, s)
		lacksFast := FastOutputTokens.counts(of) && !fast
		t.places = append(t.places, place{m.GroupID, s, lacksFast})
		if s.from <= c.minutes.from && c.minutes.until <= s.until && !lacksFast {
			t.inGroup = true
		}
	}
	for _, groupID := range c.everyModel {
		c.collect(t, groupID, always)
	}
	if !OutputTokens.counts(of) && !FastOutputTokens.counts(of) {
		t.inGroup = true // batches have limits of their own
	}
	return t
}

// collect adds the columns of one group that count t's combination, the
// organization's and its workspace's, and reports whether one of them is fast mode's.
func (c *counter) collect(t *targets, groupID string, s span) (fast bool) {
	scopes := []scope{{"", groupID}, {t.of.WorkspaceID, groupID}}
	if t.of.WorkspaceID == "" {
		scopes = scopes[:1]
	}
	for _, sc := range scopes {
		for _, col := range c.columns[sc] {
			if !col.limiter.counts(t.of) {
				continue
			}
			to := target{col.index, col.sum, s}
			switch col.limiter {
			case RequestsPerMinute:
				t.requests = append(t.requests, to)
			case TokensPerDay:
				t.days = append(t.days, to)
			default:
				t.tokens = append(t.tokens, to)
			}
			fast = fast || col.limiter == FastInputTokensCacheAware || col.limiter == FastOutputTokens
		}
	}
	return fast
}

// excluded reports whether the use is in no workspace, and so not held against
// the limits of this organization. The older report knows no such use: where it
// has no id, it means the default workspace, whose id the reader did not know.
func (t *targets) excluded(source SourceKind) bool {
	return t.outside && source != SourceReport
}

// look notes what is missing for a combination used in minute i.
func (t *targets) look(i int32) {
	grouped := false
	for _, p := range t.places {
		if p.span.has(i) {
			grouped = true
			t.lackedFast = t.lackedFast || p.lacksFast
		}
	}
	t.gap = t.gap || !grouped
}
