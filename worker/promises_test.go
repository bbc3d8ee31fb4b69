package worker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/notify/route"
	"alerter/store"
	"alerter/usage"
)

// staleRule is the rule that speaks when no data come.
func staleRule() evaluate.Rule { return evaluate.Rule{Alert: "DataStale", Condition: stale()} }

// Promise 7.
func TestAFailedReadDoesNotEndTheTickAndTheStaleRuleSpeaks(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Rules = append(d.plan.Rules, staleRule())
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 10) // fires at 12:08
	d.deliver(c)
	d.sources[0].breaks(errors.New("no route to host"), "read analytics")
	for range 60 {
		c.pass(time.Minute)
		if err := d.do(usageJob, 0); err == nil {
			t.Fatal("a failed read ended without an error")
		}
		d.deliver(c)
	}
	// Silence is not zero: the warning does not resolve.
	want := []string{"12:08 fired warning", "12:25 fired warning DataStale", "12:55 escalated critical DataStale", "13:08 reminder warning"}
	if diff := cmp.Diff(want, named(d.box["team"])); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	if got := len(d.ticks()); got != 70 {
		t.Errorf("evaluated %d times, want in each of 70 minutes", got)
	}
	if got := d.source().Problem; got != "no route to host" {
		t.Errorf("got problem %q, want why", got)
	}
	if got, want := d.troubles(), []string{"AlerterJobFailing acmeusage"}; !cmp.Equal(got, want) {
		t.Errorf("got troubles %q, want %q", got, want)
	}
}

// named is what a receiver heard, with the alertname of all but LimitPressure.
func named(b *box) (out []string) {
	for _, m := range b.got {
		for _, it := range m.Items {
			s := m.At.Format("15:04") + " " + string(it.Reason) + " " + string(it.Alert.Severity)
			if name := it.Alert.Labels["alertname"]; name != "LimitPressure" {
				s += " " + name
			}
			out = append(out, s)
		}
	}
	return out
}

// Promise 7, over a restart.
func TestSilenceIsToldAfterARestartThoughTheAPINeverAnswers(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Rules = append(d.plan.Rules, staleRule())
	d.ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 3)
	choice := d.source()
	d.again()
	d.sources[0].breaks(errors.New("no route to host"), "organization", "probe analytics", "probe usage_report", "read analytics", "read usage_report")
	for range 20 {
		c.pass(time.Minute)
		if err := d.do(usageJob, 0); err == nil {
			t.Fatal("a failed read ended without an error")
		}
		d.deliver(c)
	}
	if got, want := named(d.box["team"]), []string{"12:18 fired warning DataStale"}; !slices.Contains(got, want[0]) {
		t.Errorf("heard %q, want %q among it", got, want)
	}
	if got := d.source(); got.Kind != choice.Kind || got.Why != choice.Why || !got.Since.Equal(choice.Since) {
		t.Errorf("got source %+v after the restart, want %+v with the problem", got, choice)
	}
}

func TestAnotherOrganizationsKeyDoesNotWriteIntoTheFormerOne(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 3)
	before := d.minutesOf("org-acme", c.now())
	d.again()
	d.sources[0].id = "org-other" // the same entry, another key
	d.sources[0].breaks(errors.New("no answer"), "organization")
	c.pass(time.Minute)
	if err := d.do(usageJob, 0); err == nil {
		t.Error("usage was read before it was known whose it is")
	}
	d.sources[0].breaks(nil, "organization")
	c.pass(time.Minute)
	d.must(usageJob, 0)
	if got := d.minutesOf("org-acme", c.now()); got != before {
		t.Errorf("the former organization has %d minutes, want %d", got, before)
	}
	if d.minutesOf("org-other", c.now()) == 0 {
		t.Error("the new organization has no minutes")
	}
}

// minutesOf counts an organization's stored minutes of the last hours.
func (d *desk) minutesOf(org string, at time.Time) (n int) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		for _, err := range tx.Minutes(org, at.Add(-4*time.Hour), at.Add(time.Hour)) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n
}

// Promise 8.
func TestAModelInNoGroupAndALimitThatCannotBeSeenAreToldOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.sources[0] = nil
	f := &strange{newFixture(c.now)}
	d.plan.Organizations[0].Source = f
	d.ready()
	d.must(limitsJob, 0)
	for range 10 {
		c.pass(time.Minute)
		d.must(usageJob, 0)
	}
	models, limits := d.log.lines("usage is in no limit"), d.log.lines("limit cannot be watched")
	if len(models) != 1 || models[0]["model"] != testModel || models[0]["reason"] == "" || models[0]["level"] != "warn" {
		t.Errorf("got log lines %v about models, want one warning", models)
	}
	if len(limits) != 2 {
		t.Errorf("got log lines %v about limits, want one for the limiter and one for the group", limits)
	}
	for _, line := range limits {
		if workspace, ok := line["workspace"]; ok && workspace == "" {
			t.Errorf("got log line %v, want an empty workspace left out", line)
		}
	}
}

// strange is an API with a limiter and a group type that nobody knows, and usage
// of a model that is in no group.
type strange struct{ *fixture }

func (s *strange) OrganizationLimits(context.Context) (usage.Reading, error) {
	return usage.Reading{Entries: []usage.Entry{
		{Group: usage.Group{ID: "rlg_a", Type: usage.ModelGroup, Name: "Other", Models: []string{"another-model"}}, Limits: []usage.Value{{Limiter: "sighs_per_hour", Value: 3}}},
		{Group: usage.Group{ID: "rlg_b", Type: "telepathy", Name: "Thoughts"}, Limits: []usage.Value{{Limiter: usage.RequestsPerMinute, Value: 3}}},
	}}, nil
}

// Promise 8.
func TestTheAlertOfALimitThatIsRemovedIsWithdrawn(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.minutes(c, 0, 9)
	d.deliver(c)
	delete(d.sources[0].limits, "")
	d.must(limitsJob, 0)
	for range 6 {
		d.minutes(c, 0, 1)
		d.deliver(c)
	}
	if diff := cmp.Diff([]string{"12:08 fired warning", "12:10 withdrawn warning"}, d.box["team"].told()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	if why := d.box["team"].got[1].Items[0].Text.Lead; !strings.Contains(strings.Join(why, " "), "limit") {
		t.Errorf("it says %q, want that the limit is gone", why)
	}
}

// What one receiver hears of one alert it hears in order, and nobody who does
// not have to hear it hears it: two levels, two receivers, with lost answers.
func TestEachReceiverHearsAnEpisodeInOrder(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.sources[0].used = func(minute time.Time) int64 { // 97 %, then far above
		switch {
		case minute.Before(start) || !minute.Before(start.Add(30*time.Minute)):
			return 200
		case minute.Before(start.Add(10 * time.Minute)):
			return 970
		}
		return 1300
	}
	by := d.plan.Tree.Root.GroupBy
	d.plan.Tree.Root.Routes = []*route.Node{
		{Receiver: "pager", Matchers: []route.Matcher{{Name: "severity", Op: "=", Value: "critical"}}, GroupBy: by, GroupInterval: 5 * time.Minute, RepeatInterval: time.Hour, Continue: true},
		{Receiver: "team", GroupBy: by, GroupInterval: 5 * time.Minute, RepeatInterval: 4 * time.Hour},
	}
	lost := 0
	d.box["team"].fail = func(int) error {
		if lost++; lost%2 == 1 {
			return errors.New("no answer")
		}
		return nil
	}
	d.ready()
	d.must(limitsJob, 0)
	for range 90 {
		d.minutes(c, 0, 1)
		for range 4 {
			c.pass(14 * time.Second)
			d.worker.Deliver(context.Background())
		}
		c.pass(-56 * time.Second)
	}
	reasons := func(b *box) (out []string) {
		for _, s := range b.told() {
			out = append(out, s[6:])
		}
		return out
	}
	if diff := cmp.Diff([]string{"fired warning", "escalated critical", "resolved warning"}, reasons(d.box["team"])); diff != "" {
		t.Errorf("the team heard (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"fired critical", "resolved warning"}, reasons(d.box["pager"])); diff != "" {
		t.Errorf("the pager heard (-want +got):\n%s", diff)
	}
}
