package worker

import (
	"context"
	"fmt"
	"time"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// lookedBack is how long before the time of a digest warnings may have begun that
// count in it.
const lookedBack = 24 * time.Hour

// gathering is what one run of the digest job reads. Receivers whose digests begin at
// the same time share it.
type gathering struct {
	worker *Worker
	at, to time.Time
	known  map[time.Time]*known // by the beginning
}

// known is what is known of all limits and of the service in some time.
type known struct {
	rules       []evaluate.Rule
	fared       []evaluate.Fared
	warned      evaluate.Warner
	cases       []evaluate.Case
	alerts      []evaluate.Alert // as they are now
	gaps        []evaluate.Gap
	undelivered []evaluate.Undelivered
}

// gather reads what is known of the time from from on: one organization after the
// other, each as of one moment.
func (g *gathering) gather(ctx context.Context, from time.Time) (*known, error) {
	if k := g.known[from]; k != nil {
		return k, nil
	}
	k := &known{}
	err := g.worker.view(ctx, func(tx *store.Tx) (err error) {
		if k.rules, _, err = enabledRules(tx); err != nil {
			return err
		}
		if k.undelivered, err = tx.Undelivered(from, g.to); err != nil {
			return err
		}
		moves, err := tx.Transitions(from.Add(-lookedBack), g.at)
		for _, t := range moves {
			if evaluate.Foretells(t.Kind) {
				k.warned.Add(t.Subject, t.Transition)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, a := range g.worker.organizations() {
		org := a.organization()
		if org.ID == "" {
			continue // nothing is known of it
		}
		err := g.worker.view(ctx, func(tx *store.Tx) error { return k.add(tx, a, org, from, g) })
		if err != nil {
			return nil, fmt.Errorf("read how the limits of %s fared: %w", a.label(), err)
		}
	}
	g.known[from] = k
	return k, nil
}

// add reads what is known of one organization.
func (k *known) add(tx *store.Tx, a *account, org usage.Organization, from time.Time, g *gathering) error {
	settle := a.settings().Settle
	fared, err := tx.Survey(org, from, g.to, g.at, settle)
	if err != nil {
		return err
	}
	k.fared = append(k.fared, fared...)
	alerts, err := tx.Alerts(org.ID)
	if err != nil {
		return err
	}
	k.alerts = append(k.alerts, alerts...)
	k.warned.AddFiring(alerts)
	cases, err := tx.Cases(org.ID, from.Add(-lookedBack))
	if err != nil {
		return err
	}
	k.cases = append(k.cases, cases...)
	kind := a.chosen().Kind
	if kind == "" {
		return nil
	}
	gaps, err := tx.Gaps(org.ID, kind, from, g.to, settle)
	if err != nil || len(gaps) == 0 {
		return err
	}
	gap := evaluate.Gap{Organization: a.label()}
	for _, s := range gaps {
		length := s.To.Sub(s.From)
		gap.Missing += length
		if length > gap.To.Sub(gap.From) {
			gap.From, gap.To = s.From, s.To
		}
	}
	k.gaps = append(k.gaps, gap)
	return nil
}

// digest sums up what a receiver looks after.
func (k *known) digest(from, to time.Time, hears func(usage.Labels) bool) evaluate.Digest {
	var fared []evaluate.Fared
	for _, f := range k.fared {
		if hears(f.Labels) {
			fared = append(fared, f)
		}
	}
	var growing []evaluate.Alert
	for _, a := range k.alerts {
		if hears(a.Labels) {
			growing = append(growing, a)
		}
	}
	d := evaluate.NewDigest(from, to, fared, k.warned.Times, k.cases)
	d.Growing, d.Gaps, d.Undelivered = evaluate.GrowingOf(growing), k.gaps, k.undelivered
	return d
}

// hears reports whether a receiver would hear of an alert about a limit with these
// labels; one that no route names hears of nothing, and is told of all limits.
func hears(tree route.Tree, rules []evaluate.Rule, receiver string) func(usage.Labels) bool {
	if !inRoutes(tree.Root, receiver) {
		return func(usage.Labels) bool { return true }
	}
	return func(labels usage.Labels) bool {
		for _, r := range rules {
			if !evaluate.AboutUse(r.Condition.Kind()) || !r.Match.Accepts(labels) {
				continue
			}
			for _, severity := range evaluate.Severities {
				alert := evaluate.Alert{Rule: r.Alert, Severity: severity, Labels: labels}
				if leadsTo(tree.Route(route.Labels(alert)), receiver) {
					return true
				}
			}
		}
		return false
	}
}

// leadsTo reports whether one of the routes that take an alert is the receiver's.
func leadsTo(nodes []*route.Node, receiver string) bool {
	for _, n := range nodes {
		if n.Receiver == receiver || n.EscalateTo == receiver {
			return true
		}
	}
	return false
}

// inRoutes reports whether a route at or below n names the receiver.
func inRoutes(n *route.Node, receiver string) bool {
	if n == nil || leadsTo([]*route.Node{n}, receiver) {
		return n != nil
	}
	for _, below := range n.Routes {
		if inRoutes(below, receiver) {
			return true
		}
	}
	return false
}
