package worker

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheAlertsOfAnOrganizationThatIsNotConfiguredAnyMoreAreWithdrawn(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme", "umbrella").ready()
	for organization := range 2 {
		d.must(limitsJob, organization)
	}
	for range 9 {
		c.pass(time.Minute)
		d.must(usageJob, 0)
		d.must(usageJob, 1)
		d.deliver(c)
	}
	d.plan.Organizations = d.plan.Organizations[:1]
	d.apply()
	for range 7 {
		c.pass(time.Minute)
		d.must("watch", 0)
		d.must(usageJob, 0)
		d.deliver(c)
	}
	want := []string{"12:08 fired warning", "12:08 fired warning", "12:10 withdrawn warning"}
	if diff := cmp.Diff(want, d.box["team"].told()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	last := d.box["team"].got[2].Items[0].Alert
	if got := last.Labels["organization"]; got != "umbrella" {
		t.Errorf("withdrawn is the alert of %s, want umbrella's", got)
	}
}
