package worker

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/store"
)

var errUnauthorized = refusal{code: 401}

func TestARefusedKeyIsToldAtOnceAndTriedEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	for _, code := range []int{401, 403} {
		c := newClock()
		d := newDesk(t, c.now, "acme").ready()
		d.must(limitsJob, 0)
		d.minutes(c, 0, 3)
		d.sources[0].breaks(refusal{code: code}, "read analytics", "probe usage_report", "probe analytics")
		d.sources[0].forget()
		for range 11 {
			c.pass(time.Minute)
			_ = d.do(usageJob, 0)
			d.deliver(c)
		}
		if got, want := d.box["team"].told(), []string{"12:04 fired critical AlerterKeyRefused"}; !cmp.Equal(got, want) {
			t.Errorf("%d: the system receiver heard %q, want %q", code, got, want)
		}
		if got, want := d.troubles(), []string{"AlerterKeyRefused acme"}; !cmp.Equal(got, want) {
			t.Errorf("%d: got troubles %q, want %q: a resting job is no success", code, got, want)
		}
		var at []string
		for _, q := range d.sources[0].calls("read analytics") {
			at = append(at, q.at.Format("15:04"))
		}
		if want := []string{"12:04", "12:09", "12:14"}; !cmp.Equal(at, want) {
			t.Errorf("%d: asked at %q, want %q", code, at, want)
		}
		d.sources[0].breaks(nil, "read analytics", "probe usage_report", "probe analytics")
		for range 8 {
			c.pass(time.Minute)
			_ = d.do(usageJob, 0)
			d.deliver(c)
		}
		if got, want := d.box["team"].told()[1:], []string{"12:19 resolved critical AlerterKeyRefused"}; len(got) < 1 || got[0] != want[0] {
			t.Errorf("%d: the system receiver heard %q after the key was replaced, want %q", code, got, want)
		}
	}
}

func TestANewKeyIsTriedAtOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.sources[0].breaks(errUnauthorized, "organization")
	for _, job := range []string{limitsJob, usageJob} {
		if err := d.do(job, 0); err == nil {
			t.Fatalf("%s ended without an error", job)
		}
	}
	d.sources[0].breaks(nil, "organization")
	d.apply() // the configuration changed
	d.must(limitsJob, 0)
	d.must(usageJob, 0)
	if got := d.troubles(); got != nil {
		t.Errorf("got troubles %q, want none", got)
	}
}

func TestTheTroubleOfAnEarlierProcessEndsWhenTheKeyIsAccepted(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme")
	d.plan.Organizations[0].Name = "" // it is called "acme" in the configuration, and Acme once known
	d.ready()
	d.sources[0].breaks(errUnauthorized, "organization")
	_ = d.do(limitsJob, 0)
	if got, want := d.troubles(), []string{"AlerterKeyRefused acme"}; !cmp.Equal(got, want) {
		t.Fatalf("got troubles %q, want %q", got, want)
	}
	d.again()
	c.pass(time.Minute)
	d.sources[0].breaks(nil, "organization")
	d.must(limitsJob, 0)
	if got := d.troubles(); got != nil {
		t.Errorf("got troubles %q, want none", got)
	}
}

func TestAKeyThatIsGoodForLimitsOnlyStaysRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.sources[0].breaks(refusal{code: 403}, "probe usage_report", "read usage_report")
	d.sources[0].breaks(refusal{code: 403, refused: true}, "probe analytics")
	for range 30 {
		_ = d.do(usageJob, 0)
		d.must(limitsJob, 0)
		d.must("watch", 0)
		d.deliver(c)
		c.pass(time.Minute)
	}
	if got, want := d.box["team"].told(), []string{"12:00 fired critical AlerterKeyRefused"}; !cmp.Equal(got, want) {
		t.Errorf("the system receiver heard %q, want %q", got, want)
	}
}

func TestOneOrganizationsTroubleIsNotAnothers(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme", "umbrella").ready()
	d.must(limitsJob, 0)
	d.must(limitsJob, 1)
	d.sources[0].breaks(errUnauthorized, "read analytics", "probe analytics", "probe usage_report")
	for range 10 {
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
		d.must(usageJob, 1)
		d.deliver(c)
	}
	want := []string{"12:01 fired critical AlerterKeyRefused", "12:08 fired warning"}
	if got := d.box["team"].told(); !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if a := d.box["team"].got[1].Items[0].Alert; a.Labels["organization"] != "umbrella" {
		t.Errorf("got an alert of %q, want umbrella", a.Labels["organization"])
	}
	if n := len(d.sources[1].calls("read analytics")); n != 10 {
		t.Errorf("umbrella was read %d times, want 10", n)
	}
}

func TestARefusalThatCouldNotBeStoredIsToldLater(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	heal := breakTable(t, d.store.Path(), "INSERT", "troubles")
	d.sources[0].breaks(errUnauthorized, "organization")
	err := d.do(limitsJob, 0)
	if !errors.As(err, new(refusal)) {
		t.Errorf("got error %v, want the refusal among others", err)
	}
	heal()
	c.pass(5 * time.Minute)
	_ = d.do(limitsJob, 0)
	d.deliver(c)
	if got, want := d.box["team"].told(), []string{"12:05 fired critical AlerterKeyRefused"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheTroublesOfWhatIsNotConfiguredAnyMoreEnd(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme", "umbrella").ready()
	d.sources[1].breaks(errUnauthorized, "organization")
	_ = d.do(limitsJob, 1)
	d.update(func(tx *store.Tx) error {
		return errors.Join(
			tx.PutTrouble(failingTrouble("gone", 3, errUnauthorized, c.now())),
			tx.PutTrouble(failingTrouble("team", 3, errUnauthorized, c.now())),
		)
	})
	d.plan.Organizations = d.plan.Organizations[:1]
	d.apply()
	if got, want := d.troubles(), []string{"AlerterDeliveryFailing team"}; !cmp.Equal(got, want) {
		t.Errorf("got troubles %q, want %q", got, want)
	}
}

func TestABetaThatIsForbiddenIsNoRefusedKey(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.sources[0].breaks(refusal{code: 403, refused: true}, "probe analytics")
	d.sources[0].breaks(errors.New("no answer"), "probe usage_report", "read usage_report")
	if err := d.do(usageJob, 0); err == nil {
		t.Fatal("no report could be read, and that is no error")
	}
	if got := d.troubles(); got != nil {
		t.Errorf("got troubles %q, want none: the key is good", got)
	}
	// Where that report is configured there is no other, and the key is of no use.
	d.plan.Organizations[0].Mode = "analytics"
	d.sources[0].breaks(refusal{code: 403, refused: true}, "read analytics")
	d.apply()
	c.pass(time.Minute)
	_ = d.do(usageJob, 0)
	if got, want := d.troubles(), []string{"AlerterKeyRefused acme"}; !cmp.Equal(got, want) {
		t.Errorf("got troubles %q, want %q", got, want)
	}
}
