package worker

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
	"alerter/usage"
)

func TestAWorkspaceThatIsGoneKeepsNoLimits(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*fixture){
		"archived": func(f *fixture) {
			f.workspaces = []usage.Workspace{f.workspaces[0], {ID: prodID, Name: "prod", Archived: true}}
		},
		"not listed": func(f *fixture) { f.workspaces = f.workspaces[:1] },
	} {
		c := newClock()
		d := newDesk(t, c.now, "acme").ready()
		d.sources[0].limits[prodID] = 500
		d.must(limitsJob, 0)
		if n := d.limitsInForce(c); n != 2 {
			t.Fatalf("%s: got %d limits, want 2", name, n)
		}
		leave(d.sources[0])
		c.pass(time.Minute)
		d.must(limitsJob, 0)
		if n := d.limitsInForce(c); n != 1 {
			t.Errorf("%s: got %d limits in force, want the organization's", name, n)
		}
	}
}

func TestAWorkspaceThatCannotBeReadKeepsItsLimits(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.sources[0].workspaces = append(d.sources[0].workspaces, usage.Workspace{ID: "wrkspc_third", Name: "third"})
	d.sources[0].limits[prodID], d.sources[0].limits["wrkspc_third"] = 500, 600
	d.must(limitsJob, 0)
	d.sources[0].limits[""], d.sources[0].limits["wrkspc_third"] = 1100, 700
	d.sources[0].breaks(refusal{code: 500}, "limits of "+prodID)
	c.pass(time.Minute)
	if err := d.do(limitsJob, 0); err == nil || !strings.Contains(err.Error(), "read the limits of workspace prod") {
		t.Errorf("got error %v, want one that names the workspace", err)
	}
	var got []int64
	d.view(func(tx *store.Tx) error {
		l, err := tx.Limits("org-acme", c.now())
		for _, one := range l.Limits {
			if one.InForce(c.now()) {
				got = append(got, one.Value)
			}
		}
		return err
	})
	slices.Sort(got)
	if diff := cmp.Diff([]int64{500, 700, 1100}, got); diff != "" {
		t.Errorf("limits in force (-want +got):\n%s", diff)
	}
	// The default workspace, whose limits answer 404, is not asked.
	if n := len(d.sources[0].calls("limits of " + defaultID)); n != 0 {
		t.Errorf("the default workspace was asked %d times, want never", n)
	}
	// After a 429 the others are not tried.
	d.sources[0].forget()
	d.sources[0].breaks(refusal{code: 429}, "limits of "+prodID)
	_ = d.do(limitsJob, 0)
	if n := len(d.sources[0].calls("limits of wrkspc_third")); n != 0 {
		t.Errorf("the next workspace was asked %d times after a 429, want never", n)
	}
	d.sources[0].forget()
	if err := d.do(limitsJob, 0); !errors.Is(err, errResting) || len(d.sources[0].asked) != 0 {
		t.Errorf("got %v and %d calls, want rest", err, len(d.sources[0].asked))
	}
}

func (d *desk) limitsInForce(c *clock) (n int) {
	d.t.Helper()
	d.view(func(tx *store.Tx) error {
		l, err := tx.Limits("org-acme", c.now())
		for _, one := range l.Limits {
			if one.InForce(c.now()) {
				n++
			}
		}
		return err
	})
	return n
}
