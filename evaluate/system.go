package evaluate

import (
	"cmp"
	"iter"
	"time"

	"alerter/usage"
)

// KindSystem is the kind of the rules that speak of the service itself: [SystemRules].
const KindSystem = "system"

// SystemRules are the rules for alerts about the service itself. They stand in
// no file and cannot be disabled; a step takes them beside the others.
func SystemRules() []Rule {
	return []Rule{{Alert: "Alerter", Condition: system{}}}
}

// system turns each trouble into an alert of the trouble's name, which resolves
// when the trouble is no longer there.
type system struct{}

func (system) Kind() string            { return KindSystem }
func (system) Lookback() time.Duration { return 0 }
func (system) Check() error            { return nil }

// endsByAbsence marks the conditions whose alerts resolve when their subject is
// no longer there, instead of being withdrawn.
func (system) endsByAbsence() {}

func (system) Verdicts(_ time.Time, match Match, facts *usage.Facts) iter.Seq[Verdict] {
	return func(yield func(Verdict) bool) {
		for _, trouble := range facts.Troubles {
			labels := usage.Labels{Organization: cmp.Or(trouble.Called, trouble.Organization)}
			if match.Accepts(labels) && !yield(systemVerdict(trouble, labels, facts.Organization.ID)) {
				return
			}
		}
	}
}

func systemVerdict(trouble usage.Trouble, labels usage.Labels, organizationID string) Verdict {
	subject := Subject{Part: trouble.Subject}
	switch {
	case trouble.Organization == "":
	case organizationID != "":
		subject.OrganizationID = organizationID
	case trouble.Subject == "":
		subject.Part = trouble.Organization
	default:
		// The troubles of all organizations in one step: the name is the only
		// thing that tells two of them apart.
		subject.Part = trouble.Organization + "/" + trouble.Subject
	}
	severity := Severity(trouble.Severity)
	if severity.Rank() == 0 {
		severity = Warning // worse to lose a trouble than to misjudge it
	}
	return Verdict{
		Alertname: trouble.Name, Subject: subject, Labels: labels,
		AtLeast: severity, AtMost: severity,
		Reading: Reading{From: trouble.Since, Detail: trouble.Detail, Cause: trouble.Cause},
	}
}
