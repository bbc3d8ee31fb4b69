package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// Digest is what a digest says, in numbers, for programs. Amounts are in the
// limiter's unit, pressures are ratios, spans are seconds; what is not known is null.
// Lists name at most five.
type Digest struct {
	From         time.Time           `json:"from"`
	To           time.Time           `json:"to"`
	Limits       int                 `json:"limits"`
	Unseen       int                 `json:"unseen"`
	Closest      []DigestLimit       `json:"closest"`
	TimesReached int                 `json:"times_reached"`
	Foreseen     int                 `json:"foreseen"`
	Reached      []DigestReached     `json:"reached"`
	Warnings     DigestWarnings      `json:"warnings"`
	OftenNear    int                 `json:"often_near"`
	Asks         []DigestAsk         `json:"asks"`
	Growing      []DigestGrowing     `json:"growing"`
	NeverNear    int                 `json:"never_near"`
	Quiet        []DigestLimit       `json:"quiet"`
	Gaps         []DigestGap         `json:"gaps"`
	Undelivered  []DigestUndelivered `json:"undelivered"`
}

// DigestLimit is how high a limit came.
type DigestLimit struct {
	Labels   map[string]string `json:"labels"` // organization, workspace, model_group, limiter
	Limit    evaluate.Number   `json:"limit"`
	Pressure evaluate.Number   `json:"pressure"`
	At       *time.Time        `json:"at"` // null where nothing was used
}

// DigestReached is a time at a limit.
type DigestReached struct {
	Labels map[string]string `json:"labels"`
	From   time.Time         `json:"from"`
	To     time.Time         `json:"to"`
	// Shown is the pressure that could be seen five minutes before.
	Shown  evaluate.Number `json:"shown"`
	Warned float64         `json:"warned_ahead_seconds"` // 0: nobody was warned
}

// DigestWarnings counts warnings by how they turned out.
type DigestWarnings struct {
	Right int     `json:"right"`
	Wrong int     `json:"wrong"`
	Open  int     `json:"open"`
	Lead  float64 `json:"lead_seconds"` // the median; 0 without any
}

// DigestAsk is a limit that is often near.
type DigestAsk struct {
	DigestLimit
	NearDays int     `json:"near_days"`
	Days     int     `json:"days"`
	Enough   float64 `json:"enough"`
	AtLeast  bool    `json:"at_least"`
}

// DigestGrowing is a limit that growth reaches. The days are written as 2026-12-09.
type DigestGrowing struct {
	Labels   map[string]string `json:"labels"`
	Reached  string            `json:"reached"`
	Earliest string            `json:"reached_earliest"`
	Latest   string            `json:"reached_latest"`
}

// DigestGap is what is not known of an organization's use.
type DigestGap struct {
	Organization string    `json:"organization"`
	Missing      float64   `json:"missing_seconds"`
	From         time.Time `json:"longest_from"`
	To           time.Time `json:"longest_to"`
}

// DigestUndelivered is messages that a receiver never got.
type DigestUndelivered struct {
	Receiver string `json:"receiver"`
	Messages int    `json:"messages"`
	Problem  string `json:"last_error"`
}

// ComposeDigest puts a digest into words. Its key must be the same for the same
// digest. The externalURL is the service's own page; it may be empty.
func ComposeDigest(d evaluate.Digest, receiver, key, externalURL string, at time.Time) Message {
	title := "[DIGEST] " + digestTitle(d)
	return Message{
		Key: key, Kind: KindDigest, Receiver: receiver, GroupKey: string(KindDigest), GroupLabels: map[string]string{},
		Episode: d.To.UTC(), At: at.UTC(), Title: title, Subject: title, ExternalURL: externalURL,
		Sections: digestSections(d, at), Digest: digestNumbers(d), Items: []Item{}, Group: []Alert{},
	}
}

// digestNumbers is a digest for programs.
func digestNumbers(d evaluate.Digest) *Digest {
	w := d.Warnings
	out := &Digest{
		From: d.From.UTC(), To: d.To.UTC(), Limits: d.Limits, Unseen: d.Unseen,
		TimesReached: d.TimesReached, Foreseen: d.Foreseen, OftenNear: d.TimesNear, NeverNear: d.TimesQuiet,
		Closest: digestLimits(d.Closest), Quiet: digestLimits(d.Quiet),
		Warnings: DigestWarnings{Right: w.Right, Wrong: w.Wrong, Open: w.Open, Lead: w.Lead.Seconds()},
		Reached:  []DigestReached{}, Asks: []DigestAsk{}, Growing: []DigestGrowing{}, Gaps: []DigestGap{}, Undelivered: []DigestUndelivered{},
	}
	for _, r := range d.Reached {
		out.Reached = append(out.Reached, DigestReached{
			Labels: seriesLabels(r.Labels), From: r.From.UTC(), To: r.To.UTC(), Shown: r.Shown.Rounded(), Warned: r.Ahead.Seconds(),
		})
	}
	for _, a := range d.Asks {
		out.Asks = append(out.Asks, DigestAsk{
			DigestLimit: digestLimit(a.Fared), NearDays: a.NearDays, Days: a.Days, Enough: float64(evaluate.Number(a.Enough).Rounded()), AtLeast: a.AtLeast,
		})
	}
	for _, g := range d.Growing {
		e, day := g.Estimate, func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
		out.Growing = append(out.Growing, DigestGrowing{
			Labels: seriesLabels(g.Labels), Reached: day(e.At), Earliest: day(e.Earliest), Latest: day(e.Latest),
		})
	}
	for _, g := range d.Gaps {
		out.Gaps = append(out.Gaps, DigestGap{
			Organization: name(g.Organization), Missing: g.Missing.Seconds(), From: g.From.UTC(), To: g.To.UTC(),
		})
	}
	for _, u := range d.Undelivered {
		out.Undelivered = append(out.Undelivered, DigestUndelivered{Receiver: u.Receiver, Messages: u.Messages, Problem: headerValue(clip(u.Problem, longestProblem))})
	}
	return out
}

// longestProblem is how much a digest says of why a message was given up.
const longestProblem = 300

func digestLimits(limits []evaluate.Fared) []DigestLimit {
	out := make([]DigestLimit, len(limits))
	for i, l := range limits {
		out[i] = digestLimit(l)
	}
	return out
}

func digestLimit(l evaluate.Fared) DigestLimit {
	return DigestLimit{Labels: seriesLabels(l.Labels), Limit: evaluate.Number(l.Limit), Pressure: l.Peak.Rounded(), At: known(l.PeakAt)}
}

// seriesLabels are the labels of a limit, each short enough for a list of many.
func seriesLabels(l usage.Labels) map[string]string {
	return map[string]string{
		"organization": name(l.Organization), "workspace": name(l.Workspace),
		"model_group": name(l.ModelGroup), "limiter": name(l.Limiter),
	}
}

// shortened is a digest whose labels are cut to a quarter of so many runes, since
// it has many of them. Nil stays nil; the digest itself stays as it is.
func (d *Digest) shortened(longest int) *Digest {
	if d == nil {
		return nil
	}
	cut := *d
	cut.Closest, cut.Quiet = shortenedLimits(d.Closest, longest), shortenedLimits(d.Quiet, longest)
	cut.Reached = append([]DigestReached{}, d.Reached...)
	for i := range cut.Reached {
		cut.Reached[i].Labels = shortenMap(cut.Reached[i].Labels, longest/4)
	}
	cut.Asks = append([]DigestAsk{}, d.Asks...)
	for i := range cut.Asks {
		cut.Asks[i].Labels = shortenMap(cut.Asks[i].Labels, longest/4)
	}
	cut.Growing = append([]DigestGrowing{}, d.Growing...)
	for i := range cut.Growing {
		cut.Growing[i].Labels = shortenMap(cut.Growing[i].Labels, longest/4)
	}
	return &cut
}

func shortenedLimits(limits []DigestLimit, longest int) []DigestLimit {
	out := append([]DigestLimit{}, limits...)
	for i := range out {
		out[i].Labels = shortenMap(out[i].Labels, longest/4)
	}
	return out
}
