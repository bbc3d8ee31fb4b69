package worker

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify"
	"alerter/store"
)

func TestATroubleGoesByTheOrganizationsNameOnceThatIsKnown(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "organization 1")
	d.plan.Organizations[0].Name = ""
	d.ready()
	broken := errors.New("no route to host")
	titles := func() (all []string) {
		d.must("watch", 0)
		c.pass(5 * time.Minute)
		d.deliver(c)
		for _, m := range d.box["team"].got {
			for _, i := range m.Items {
				if m.Kind == notify.KindSystem {
					all = append(all, i.Text.Title)
				}
			}
		}
		return all
	}

	d.sources[0].breaks(broken, "organization", "read analytics", "probe analytics", "probe usage_report")
	for range failuresToTell {
		_ = d.do(usageJob, 0)
		_ = d.do(limitsJob, 0)
		c.pass(time.Minute)
	}
	titles()
	d.sources[0].breaks(nil, "organization") // now it is known who it is, and the usage still cannot be read
	d.must(limitsJob, 0)
	_ = d.do(usageJob, 0)
	titles()
	d.sources[0].breaks(nil, "read analytics", "probe analytics", "probe usage_report")
	d.must(usageJob, 0)

	want := []string{
		"[FIRING:warning] Reading the limits of organization 1 keeps failing",
		"[FIRING:warning] Reading the usage of organization 1 keeps failing",
		"[RESOLVED] Reading the limits of Acme works again",
		"[RESOLVED] Reading the usage of Acme works again",
	}
	got := titles()
	if len(got) > 2 {
		slices.Sort(got[:2]) // they are of one message
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("titles differ (-want +got):\n%s", diff)
	}
}

func TestTheTroubleOfAJobIsLoggedByTheJobsName(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.update(func(tx *store.Tx) error {
		return errors.Join(
			tx.PutTrouble(jobTrouble(job{name: hearJob + "team"}, 3, "no", c.now())),
			tx.PutTrouble(jobTrouble(job{name: usageJob, account: d.worker.organizations()[0]}, 3, "no", c.now())),
		)
	})
	d.must("watch", 0)
	var got []string
	for _, line := range d.log.lines("the service itself") {
		got = append(got, line["job"].(string))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"listen/team", "usage"}, got); diff != "" {
		t.Errorf("jobs in the log differ (-want +got):\n%s", diff)
	}
}
