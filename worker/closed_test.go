package worker

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/notify"
)

func TestAReceiverThatHasClosedIsNotUsedUntilAReload(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now).ready()
	d.box["team"].fail = func(int) error { return notify.Closed(errors.New("answered 410 Gone")) }
	d.letter("a", "team", "g")
	d.seconds(c, 3)
	d.letter("b", "team", "h")
	d.seconds(c, 3)
	if got := len(d.box["team"].tried()); got != 1 {
		t.Errorf("got %d tries, want one: it has closed", got)
	}
	if diff := cmp.Diff([]string{"a dead", "b dead"}, d.states()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"AlerterMessageDead team", "AlerterReceiverClosed team"}, d.troubles()); diff != "" {
		t.Errorf("troubles (-want +got):\n%s", diff)
	}
	d.must("watch", 0)
	d.seconds(c, 15)
	if told := d.box["pager"].told(); len(told) == 0 {
		t.Error("got no word at the other receiver, want to hear that team has closed")
	}

	d.box["team"].fail = nil
	d.apply()
	c.pass(time.Second)
	d.letter("c", "team", "i")
	d.seconds(c, 3)
	if got := d.states(); !slices.Contains(got, "c sent") {
		t.Errorf("got %q after a reload, want c sent", got)
	}
	if diff := cmp.Diff([]string{"AlerterMessageDead team"}, d.troubles()); diff != "" {
		t.Errorf("troubles after a reload (-want +got):\n%s", diff)
	}
}
