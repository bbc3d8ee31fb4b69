package evaluate

import (
	"fmt"
	"iter"
	"strconv"
	"time"

	"alerter/usage"
)

const kindLimitChange = "limit_change"

// LimitChange tells of each change of a limit, once.
type LimitChange struct {
	// Severity is that of every change. A warning is sent by default, where an
	// info would only be shown.
	Severity Severity `json:"severity" yaml:"severity"`
}

// Kind is "limit_change".
func (LimitChange) Kind() string { return kindLimitChange }

// Lookback is zero: changes are told once, when they are seen.
func (LimitChange) Lookback() time.Duration { return 0 }

// Check reports a severity that there is not.
func (c LimitChange) Check() error {
	if c.Severity.Rank() == 0 {
		return fmt.Errorf("severity: %q is not a severity: write info, warning or critical", string(c.Severity))
	}
	return nil
}

// Verdicts is one momentary verdict for each change since the last step.
func (c LimitChange) Verdicts(_ time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	return func(yield func(Verdict) bool) {
		if len(facts.Changes) == 0 {
			return
		}
		groups := usage.GroupLabels(facts.Groups)
		told := make(map[Subject]int)
		for _, change := range facts.Changes {
			labels := changeLabels(&change, facts, groups)
			subject := changeSubject(&change, facts.Organization.ID)
			told[subject]++
			if n := told[subject]; n > 1 {
				// Two changes of one limit within a step are two alerts, lest the
				// second hide the first.
				subject.Part += "#" + strconv.Itoa(n)
			}
			if match.Accepts(labels) && !yield(c.verdict(change, subject, labels)) {
				return
			}
		}
	}
}

func (c LimitChange) verdict(change usage.Change, subject Subject, labels usage.Labels) Verdict {
	return Verdict{
		Subject: subject, Labels: labels, Momentary: true,
		AtLeast: c.Severity, AtMost: c.Severity,
		Reading: Reading{Value: Number(change.New), Limit: Number(change.New), Change: &change},
	}
}

func changeSubject(change *usage.Change, organizationID string) Subject {
	return Subject{
		ID: usage.ID{
			OrganizationID: organizationID, WorkspaceID: change.WorkspaceID,
			GroupID: change.GroupID, Limiter: change.Limiter,
		},
		Part: change.Model,
	}
}

func changeLabels(change *usage.Change, facts *usage.Facts, groups map[string]string) usage.Labels {
	group, ok := groups[change.GroupID]
	if !ok {
		group = change.GroupID
	}
	return usage.Labels{
		Organization: facts.Organization.Name,
		Workspace:    facts.Organization.WorkspaceName(change.WorkspaceID),
		ModelGroup:   group, Limiter: string(change.Limiter),
	}
}
