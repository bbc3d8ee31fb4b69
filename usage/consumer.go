package usage

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// The kinds of consumers, in the order they are listed in.
const (
	ConsumerWorkspace = "workspace"
	ConsumerModel     = "model"
	ConsumerKey       = "key"
)

// Consumers says who used the limits of the given series in [from, to): for each
// id the n largest of each kind, workspaces first (only of the organization's
// own limits), then models, then API keys, the largest share first. An id may
// come twice; one with no known use has no consumers, and one of another
// organization is left out.
//
// Minutes come as for [Join]. Workspaces and models are read from analytics/usage
// where it shows anything in a minute, else from the other report; keys from the
// attribution report (SourceKeys). Each has its share of what was read there of
// the limit's use. Use without a key counts, but has no name.
func Consumers(minutes iter.Seq[Minute], limits Limits, org Organization, ids []ID, from, to time.Time, n int) map[ID][]Consumer {
	a := newAttribution(limits, org, ids, from, to)
	for r := range byStart(minutes) {
		if r.start.Before(from) || !r.start.Before(to) {
			continue
		}
		switch {
		case r.analytics != nil && len(r.analytics.Buckets) > 0:
			a.add(r.analytics)
		case r.report != nil:
			a.add(r.report)
		}
		if r.keys != nil {
			a.add(r.keys)
		}
	}
	return a.top(n)
}

// consumerKey is one consumer of one limit.
type consumerKey struct {
	column   int32
	kind, id string
}

// attribution adds up who used what.
type attribution struct {
	base    time.Time
	org     Organization
	ids     []ID
	counter *counter
	used    map[consumerKey]float64
	// Of each id, what the usage reports and the attribution report show in all.
	reported, keyed []float64
}

// newAttribution makes one without any use, with a column for each id.
func newAttribution(limits Limits, org Organization, ids []ID, from, to time.Time) *attribution {
	a := &attribution{
		base: from, org: org, used: make(map[consumerKey]float64),
		counter: newCounter(from, span{0, minuteIndex(from, to)}, limits.Members),
	}
	seen := make(map[ID]bool, len(ids))
	for _, id := range ids {
		if kind, ok := id.Limiter.sum(); ok && id.OrganizationID == org.ID && !seen[id] {
			seen[id] = true
			a.counter.add(scope{id.WorkspaceID, id.GroupID}, column{int32(len(a.ids)), id.Limiter, kind})
			a.ids = append(a.ids, id)
		}
	}
	a.reported, a.keyed = make([]float64, len(a.ids)), make([]float64, len(a.ids))
	return a
}

// add adds one reading.
func (a *attribution) add(m *Minute) {
	i := minuteIndex(a.base, m.Start)
	for k := range m.Buckets {
		b := &m.Buckets[k]
		t := a.counter.targets(b.Of)
		if t.excluded(m.Source) {
			continue
		}
		sums := b.sums()
		a.post(t.tokens, t, &sums, i, m.Source)
		a.post(t.days, t, &sums, i, m.Source)
		a.post(t.requests, t, &sums, i, m.Source)
	}
}

// post adds one bucket's use to its consumers.
func (a *attribution) post(to []target, t *targets, sums *[sumKinds]int64, i int32, source SourceKind) {
	for _, target := range to {
		used := float64(sums[target.sum])
		if !target.span.has(i) || used <= 0 {
			continue // not in the group then, not used, or requests that were not counted
		}
		if source == SourceKeys {
			a.keyed[target.column] += used
			a.used[consumerKey{target.column, ConsumerKey, t.of.APIKeyID}] += used
			continue
		}
		a.reported[target.column] += used
		a.used[consumerKey{target.column, ConsumerModel, t.of.Model}] += used
		if a.ids[target.column].WorkspaceID == "" {
			a.used[consumerKey{target.column, ConsumerWorkspace, t.of.WorkspaceID}] += used
		}
	}
}

// top is the n largest consumers of each kind of each id.
func (a *attribution) top(n int) map[ID][]Consumer {
	all := make(map[ID][]Consumer, len(a.ids))
	for key, used := range a.used {
		if key.id == "" {
			continue // nobody's name
		}
		total := a.reported[key.column]
		if key.kind == ConsumerKey {
			total = a.keyed[key.column]
		}
		id := a.ids[key.column]
		all[id] = append(all[id], Consumer{Kind: key.kind, ID: key.id, Name: a.name(key), Share: used / total})
	}
	for id, consumers := range all {
		slices.SortFunc(consumers, func(x, y Consumer) int {
			return cmp.Or(cmp.Compare(kindOrder(x.Kind), kindOrder(y.Kind)),
				cmp.Compare(y.Share, x.Share), cmp.Compare(x.ID, y.ID))
		})
		seen := make(map[string]int)
		all[id] = slices.DeleteFunc(consumers, func(c Consumer) bool {
			seen[c.Kind]++
			return seen[c.Kind] > n
		})
	}
	return all
}

// kindOrder is where a kind of consumer stands in the list.
func kindOrder(kind string) int {
	return slices.Index([]string{ConsumerWorkspace, ConsumerModel, ConsumerKey}, kind)
}

// name is what a consumer is called.
func (a *attribution) name(key consumerKey) string {
	switch key.kind {
	case ConsumerWorkspace:
		return a.org.WorkspaceName(key.id)
	case ConsumerKey:
		return a.org.KeyName(key.id)
	}
	return key.id
}
