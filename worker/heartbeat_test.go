package worker

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

const secretPath = "/ping/0f3c-secret"

// newHeart is a desk with a heartbeat that counts its pings and answers status.
func newHeart(t *testing.T, c *clock, status int) (*desk, *atomic.Int64) {
	t.Helper()
	d, pings, _ := newHearts(t, c, status)
	return d, pings
}

// newHearts counts, too, how often it was told that something fails.
func newHearts(t *testing.T, c *clock, status int) (d *desk, pings, fails *atomic.Int64) {
	t.Helper()
	pings, fails = new(atomic.Int64), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == secretPath && r.Method == http.MethodGet {
			pings.Add(1)
		}
		if r.URL.Path == secretPath+"/fail" && r.Method == http.MethodGet {
			fails.Add(1)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	d = newDesk(t, c.now, "acme", "umbrella")
	d.plan.Heartbeat = Heartbeat{URL: server.URL + secretPath, Every: time.Minute}
	d.worker.HTTP = server.Client()
	return d, pings, fails
}

func TestTheHeartbeatIsPingedOnlyWhileEveryOrganizationsCyclesAreGood(t *testing.T) {
	t.Parallel()
	c := newClock()
	d, pings := newHeart(t, c, http.StatusOK)
	d.ready()
	beat := func(want int64, when string) {
		t.Helper()
		before := pings.Load()
		d.must("heartbeat", 0)
		if got := pings.Load() - before; got != want {
			t.Errorf("got %d pings %s, want %d", got, when, want)
		}
	}
	beat(0, "before the first cycle")
	for organization := range 2 {
		d.must(limitsJob, organization)
		d.must(usageJob, organization)
	}
	beat(1, "after a good cycle")
	d.sources[1].breaks(errors.New("no answer"), "read analytics")
	for range 2 {
		c.pass(time.Minute)
		d.must(usageJob, 0)
		_ = d.do(usageJob, 1)
	}
	beat(1, "after two failed reads: one lost poll is made good by the next")
	for range 3 {
		c.pass(time.Minute)
		d.must(usageJob, 0)
		_ = d.do(usageJob, 1)
	}
	beat(0, "after five failed reads of one organization")
	d.sources[1].breaks(nil, "read analytics")
	d.must(usageJob, 1)
	c.pass(time.Minute)
	d.must(usageJob, 1)
	beat(1, "when it is read again")
	heal := breakTable(t, d.path, "INSERT", "ticks")
	for range 5 {
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
		_ = d.do(usageJob, 1)
	}
	heal()
	beat(0, "when cycles are read and not stored")
}

func TestTheHeartbeatOfASlowScheduleIsPingedToo(t *testing.T) {
	t.Parallel()
	c := newClock()
	d, pings := newHeart(t, c, http.StatusOK)
	d.plan.Schedule.Usage = cron.Every(10 * time.Minute)
	d.ready()
	for organization := range 2 {
		d.must(limitsJob, organization)
		d.must(usageJob, organization)
	}
	c.pass(9 * time.Minute)
	d.must("heartbeat", 0)
	if pings.Load() != 1 {
		t.Error("no ping nine minutes after a good cycle, of which there is one every ten")
	}
}

func TestAHeartbeatThatIsNotTakenIsAnErrorWithoutItsURL(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, address := range map[string]string{
		"nobody listens": closed.URL + secretPath, "no URL": "http://127.0.0.1:1\x7f" + secretPath, "an odd scheme": "gopher://127.0.0.1" + secretPath,
	} {
		w := &Worker{HTTP: &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}}}
		err := w.ping(context.Background(), address)
		if err == nil || !strings.HasPrefix(err.Error(), "ping the heartbeat: ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error without the URL's path", name, err)
		}
	}
	c := newClock()
	d, _ := newHeart(t, c, http.StatusInternalServerError)
	d.ready()
	if err := d.worker.ping(context.Background(), d.plan.Heartbeat.URL); err == nil || err.Error() != "ping the heartbeat: status 500" {
		t.Errorf("got %v, want the status", err)
	}
}

func TestAHeartbeatWithAnAddressForFailuresSaysWhenCyclesFail(t *testing.T) {
	t.Parallel()
	c := newClock()
	d, pings, fails := newHearts(t, c, http.StatusOK)
	d.plan.Heartbeat.FailURL = d.plan.Heartbeat.URL + "/fail"
	d.ready()
	want := func(pinged, failed int64, when string) {
		t.Helper()
		d.must("heartbeat", 0)
		if got, not := pings.Swap(0), fails.Swap(0); got != pinged || not != failed {
			t.Errorf("%s: got %d pings and %d of failure, want %d and %d", when, got, not, pinged, failed)
		}
	}
	want(0, 0, "before the first cycle")
	c.pass(4 * time.Minute)
	want(0, 1, "when the first cycle should have been long ago")
	d.apply()
	want(0, 0, "after a reload")
	for organization := range 2 {
		d.must(limitsJob, organization)
		d.must(usageJob, organization)
	}
	want(1, 0, "after a good cycle")
	c.pass(4 * time.Minute)
	d.must(usageJob, 0)
	want(0, 1, "when one organization has had none for four minutes")
	d.must(usageJob, 1)
	want(1, 0, "when it has had one again")
}
