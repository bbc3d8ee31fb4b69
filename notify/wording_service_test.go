package notify

import (
	"slices"
	"strings"
	"testing"

	"alerter/evaluate"
	"alerter/usage"
)

func TestEveryTroubleSaysWhatItMeansAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, organization, part string }{
		{usage.KeyRefused, "acme", "acme"},
		{usage.DeliveryFailing, "", "oncall"},
		{usage.ReceiverClosed, "", "oncall"},
		{usage.MessageDead, "", "oncall"},
		{usage.OutboxStuck, "", ""},
		{usage.ClockJump, "", ""},
		{usage.JobFailing, "acme", "acme/usage"},
		{usage.JobFailing, "acme", "acme/limits"},
		{usage.JobFailing, "acme", "acme/attribution"},
		{usage.JobFailing, "acme", "acme/backfill"},
		{usage.JobFailing, "", "heartbeat"},
		{usage.JobFailing, "", "prune"},
		{usage.JobFailing, "", "follow"},
		{usage.JobFailing, "", "digest"},
		{usage.JobFailing, "", "mirror"},
		{usage.JobFailing, "", "listen/team"},
		{usage.JobFailing, "", "watch"},
	} {
		a := serviceAlert(c.rule, c.organization, c.part, "It happened")
		fired := Compose(routed(evaluate.Fired, a), page).Items[0].Text
		if len(fired.Lead) != 2 || fired.Lead[0] != "It happened." || len(fired.Advice) == 0 {
			t.Errorf("%s %s: got lead %q and advice %q, want what happened, what it means and something to do", c.rule, c.part, fired.Lead, fired.Advice)
		}
		for _, about := range []string{c.organization, strings.TrimPrefix(c.part, "acme/")} {
			if n := strings.Count(fired.Title, about); about != "" && n > 1 {
				t.Errorf("got title %q, want %s in it at most once", fired.Title, about)
			}
		}
		if strings.Contains(fired.Title, "Alerter") || !strings.HasPrefix(fired.Rule, c.rule) {
			t.Errorf("got title %q and rule %q, want a sentence and the alertname", fired.Title, fired.Rule)
		}
		over := Compose(routed(evaluate.ReasonResolved, a), page).Items[0].Text
		if over.Title == "[RESOLVED] "+strings.TrimPrefix(fired.Title, "[FIRING:critical] ") || len(over.Advice) != 0 {
			t.Errorf("%s: got title %q and advice %q once it is over, want another title and none", c.rule, over.Title, over.Advice)
		}
	}
}

func TestAdviceOnAJobThatFailsGoesByTheCause(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for cause := range askAdvice {
		a := serviceAlert(usage.JobFailing, "acme", "acme/usage", "It happened")
		a.Reading.Cause = cause
		seen[Compose(routed(evaluate.Fired, a), page).Items[0].Text.Advice[0]] = true
	}
	if want := len(askAdvice) - 1; len(seen) != want { // an unknown cause is looked for in the network
		t.Errorf("got %d kinds of advice for a job that asks the Admin API, want %d", len(seen), want)
	}
	for _, c := range []struct {
		job   string
		cause usage.Cause
		want  string
	}{
		{"usage", usage.CauseDatabase, adviseDisk},
		{"usage", usage.CausePanic, adviseReport},
		{"usage", usage.CauseDNS, "The Admin API's name is not resolved: check this machine's DNS, and base_url."},
		{"heartbeat", usage.CausePanic, adviseReport},
		{"heartbeat", usage.CauseDNS, "Check heartbeat.url, and that this machine reaches it."},
		{"prune", usage.CauseDatabase, adviseDisk},
	} {
		a := serviceAlert(usage.JobFailing, "", c.job, "It happened")
		a.Reading.Cause = c.cause
		if got := Compose(routed(evaluate.Fired, a), page).Items[0].Text.Advice[0]; got != c.want {
			t.Errorf("%s by %s: got advice %q, want %q", c.job, c.cause, got, c.want)
		}
	}
}

func TestATroubleWithoutWordsGoesByItsNameAndItsDetail(t *testing.T) {
	t.Parallel()
	got := Compose(routed(evaluate.Fired, serviceAlert("AlerterMoonPhase", "acme", "acme/moon", "It is full")), "").Items[0].Text
	if want := "[FIRING:critical] AlerterMoonPhase (moon, acme)"; got.Title != want {
		t.Errorf("got title %q, want %q", got.Title, want)
	}
	if want := []string{"It is full."}; !slices.Equal(got.Lead, want) {
		t.Errorf("got lead %q, want %q", got.Lead, want)
	}
	if want := (Fact{"About", "moon, acme"}); got.Facts[0] != want {
		t.Errorf("got fact %v, want %v", got.Facts[0], want)
	}
	other := serviceAlert(usage.JobFailing, "", "moon", "It is full")
	if got, want := View(other).Annotations["summary"], "The job moon keeps failing"; got != want {
		t.Errorf("got summary %q of an unknown job, want %q", got, want)
	}
	nameless := serviceAlert(usage.KeyRefused, "", "", "")
	if got, want := View(nameless).Annotations["summary"], "The Admin API refuses the key of the organization"; got != want {
		t.Errorf("got summary %q of an organization without a name, want %q", got, want)
	}
}

func TestASystemSubjectIsWordsAndStaysTheSame(t *testing.T) {
	t.Parallel()
	for alertname, want := range map[string]string{
		usage.DeliveryFailing: "alerter: delivery failing", usage.KeyRefused: "alerter: key refused",
		"Alerter": "Alerter", "Other": "Other",
	} {
		if got := troubleName(alertname); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	a := serviceAlert(usage.DeliveryFailing, "", "oncall", "")
	for reason, want := range map[evaluate.Reason]string{
		evaluate.Fired:          "[FIRING:critical] alerter: delivery failing",
		evaluate.ReasonResolved: "[RESOLVED] alerter: delivery failing",
	} {
		m := routed(reason, a)
		m.System, m.GroupLabels = true, map[string]string{"alertname": a.Rule}
		if got := Compose(m, page).Subject; got != want {
			t.Errorf("got subject %q, want %q", got, want)
		}
	}
}
