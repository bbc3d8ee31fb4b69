package worker

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"modernc.org/sqlite"

	"alerter/store"
)

// cramped are the paths of databases whose files may not grow.
var cramped sync.Map

// crampDatabases lets SQLite run out of room for the databases of cramped, as on a full
// disk. It counts for connections that are opened from then on.
func crampDatabases() {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) (err error) {
		cramped.Range(func(path, _ any) bool {
			if strings.Contains(dsn, path.(string)) {
				_, err = conn.ExecContext(context.Background(), "PRAGMA max_page_count = 1", nil) // as many as there are
			}
			return err == nil
		})
		return err
	})
}

const (
	ballast   = "INSERT INTO jobs (job, organization_id, started_ms, took_ms, error, failures) VALUES ('ballast', '', 0, 0, hex(zeroblob(1000000)), 1)"
	noBallast = "DELETE FROM jobs WHERE job = 'ballast'"
)

func TestAFullDiskIsToldByWhatNeedsNoDisk(t *testing.T) {
	t.Parallel()
	c := newClock()
	d, pings, fails := newHearts(t, c, http.StatusOK)
	d.plan.Heartbeat.FailURL = d.plan.Heartbeat.URL + "/fail"
	client := d.worker.HTTP
	d.ready()
	execute(t, d.path, ballast)
	cramped.Store(d.path, true)
	d.again()
	d.worker.HTTP, d.worker.Metrics = client, NewMetrics()
	registry := prometheus.NewRegistry()
	registry.MustRegister(d.worker.Metrics.Collectors()...)

	// minute gives how many cycles failed, and with what.
	minute := func() (failed int, all error) {
		c.pass(time.Minute)
		for organization := range d.sources {
			if err := d.do(usageJob, organization); err != nil {
				failed, all = failed+1, errors.Join(all, err)
			}
		}
		return failed, all
	}
	// What is small still finds room in pages that are half full, for a while.
	var err error
	for failed, i := 0, 0; failed < 20*len(d.sources) && i < 500; i++ {
		now, e := minute()
		if failed, err = failed+now, e; now < len(d.sources) {
			failed = 0
		}
	}
	file, ok := errors.AsType[*store.FileError](err)
	if !ok || !strings.Contains(file.Advice, "the disk is full") {
		t.Fatalf("got %v, want that the disk is full", err)
	}
	before, heard := metricsOf(t, registry), len(d.box["team"].keys())
	said := len(d.log.lines("job did not succeed, will run again"))
	for range 9 {
		if failed, _ := minute(); failed != len(d.sources) {
			t.Errorf("%d cycles could not be stored, want all", failed)
		}
	}
	if _, ok := errors.AsType[*store.FileError](d.worker.Unkept()); !ok {
		t.Errorf("got %v, want why nothing is stored", d.worker.Unkept())
	}
	if n := len(d.log.lines("job did not succeed, will run again")) - said; n > len(d.sources) {
		t.Errorf("got %d log lines in nine minutes, want one for each organization at most", n)
	}
	pings.Store(0)
	d.must("heartbeat", 0)
	if pings.Load() != 0 || fails.Load() != 1 {
		t.Errorf("got %d pings and %d of failure, want the failure alone", pings.Load(), fails.Load())
	}
	now := metricsOf(t, registry)
	const failed, last = "alerter_evaluation_failures_total[]", "alerter_evaluation_last_success_timestamp_seconds[organization=acme]"
	if now[failed] != before[failed]+18 || now[last] > before[last] {
		t.Errorf("got %.0f failures and the last success at %.0f, want 18 more than %.0f and not after %.0f", now[failed], now[last], before[failed], before[last])
	}
	d.deliver(c)
	if got := len(d.box["team"].keys()); got != heard {
		t.Errorf("%d messages were sent that could not be noted as begun", got-heard)
	}

	execute(t, d.path, noBallast)
	if _, err := minute(); err != nil || d.worker.Unkept() != nil {
		t.Errorf("got %v and %v once there is room, want nothing", err, d.worker.Unkept())
	}
	if got := len(d.log.lines("job works again")); got < len(d.sources) {
		t.Errorf("got %d log lines that a job works again, want one for each organization", got)
	}
	d.must("heartbeat", 0)
	if pings.Load() != 1 {
		t.Error("no ping once there is room")
	}
}
