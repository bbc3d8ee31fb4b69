package worker

import (
	"bytes"
	"context"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"alerter/notify"
	"alerter/notify/chart"
	"alerter/store"
)

// byMail makes the team's receiver one of a kind that wants charts.
func (w *world) byMail() *box {
	w.t.Helper()
	w.plan.Receivers["team"] = notify.Receiver{Kind: "email", Channel: w.box["team"]}
	if _, err := w.worker.adopt(context.Background(), w.plan); err != nil {
		w.t.Fatal(err)
	}
	return w.box["team"]
}

func TestAMessageCarriesAChartOfItsLimitToThoseWhoWantOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plateau)
	team := w.byMail()
	w.limits()
	w.minutes(60)
	if len(team.got) != 2 {
		t.Fatalf("got %d messages, want the warning and its end", len(team.got))
	}
	for _, m := range team.got {
		if m.Chart == nil {
			t.Fatalf("%s: got no chart, want one", m.Title)
		}
		picture, err := png.Decode(bytes.NewReader(m.Chart.PNG))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := picture.Bounds().Dx(), 2*chart.Narrow.Width; got != want {
			t.Errorf("got a picture %d wide, want %d", got, want)
		}
		if want := "Claude Opus 5.5 · output tokens per minute · whole organization · Acme"; m.Chart.Title != want {
			t.Errorf("got title %q, want %q", m.Chart.Title, want)
		}
	}
	said := team.got[1].Chart.Text
	for _, want := range []string{"Used: 20 % at", "peak 97 % at 2026-11-23 12:00", "Pressure: ", "Warning from 2026-11-23 12:08 to"} {
		if !strings.Contains(said, want) {
			t.Errorf("got no %q in the chart of the end: %s", want, said)
		}
	}
}

func TestOthersGetNoChart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plateau)
	w.limits()
	w.minutes(10)
	if got := w.box["team"].got; len(got) != 1 || got[0].Chart != nil {
		t.Errorf("got %d messages, or a chart for a webhook, want one message without", len(got))
	}
}

func TestAMessageGoesWithoutItsChartWhereDrawingFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plateau)
	team := w.byMail()
	w.limits()
	w.minutes(8)
	m := team.got[0]
	log := &logbook{}
	w.worker.Log = zerolog.New(log)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := w.worker.picture(ctx, "team", &m); got != nil {
		t.Errorf("got a picture of %d bytes, want none", len(got.PNG))
	}
	lines := log.lines("message goes without its chart")
	if len(lines) != 1 || lines[0]["level"] != "warn" || lines[0]["receiver"] != "team" {
		t.Errorf("got log lines %v, want one warning about team", lines)
	}
	// A panic is a failure like others.
	w.worker.Store = nil
	if got := w.worker.picture(context.Background(), "team", &m); got != nil || len(log.lines("message goes without its chart")) != 2 {
		t.Errorf("got a picture %v after a panic, or no second warning", got)
	}
}

func TestThereIsNoChartWhereThereIsNothingToDraw(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plateau)
	team := w.byMail()
	w.limits()
	w.minutes(8)
	fired := team.got[0]
	with := func(key, value string) notify.Message {
		m := fired
		item := m.Items[0]
		item.Alert.Labels = map[string]string{"alertname": "LimitPressure", "limiter": "output_tokens_per_minute"}
		item.Alert.Annotations = map[string]string{"organization_id": testOrg, "group_id": "rlg_opus"}
		for _, all := range []map[string]string{item.Alert.Labels, item.Alert.Annotations} {
			if _, ok := all[key]; ok {
				all[key] = value
			}
		}
		m.Items = []notify.Item{item}
		return m
	}
	for name, m := range map[string]notify.Message{
		"a test":                    notify.TestMessage("team", "k", "", start),
		"the service itself":        with("group_id", ""),
		"a rule that is gone":       with("alertname", "Gone"),
		"an organization not known": with("organization_id", "other"),
		"a limit that is gone":      with("group_id", "rlg_other"),
	} {
		if c, err := w.worker.chart(context.Background(), &m); c != nil || err != nil {
			t.Errorf("%s: got chart %v and error %v, want neither", name, c, err)
		}
	}
	if c, err := w.worker.chart(context.Background(), &fired); c == nil || err != nil {
		t.Errorf("got chart %v and error %v for the message itself, want a chart", c, err)
	}
}

func TestTheChartShowsWhenTheAlertFiredAndHowGravely(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(minute time.Time) int64 {
		if minute.Before(start) {
			return 200
		}
		return 1000
	})
	team := w.byMail()
	w.limits()
	w.minutes(40)
	last := team.got[len(team.got)-1]
	alert := last.Items[0].Alert
	var spans []chart.Span
	err := w.store.View(t.Context(), func(tx *store.Tx) (err error) {
		spans, err = firing(tx, alert, start, w.now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, s := range spans {
		got = append(got, s.From.Format("15:04")+" "+s.Severity)
		if i > 0 && !s.From.Equal(spans[i-1].To) {
			t.Errorf("got %s after %s, want one after the other", s.From, spans[i-1].To)
		}
	}
	if diff := cmp.Diff([]string{"12:03 info", "12:06 warning", "12:14 critical"}, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	if !spans[len(spans)-1].To.Equal(w.now()) {
		t.Errorf("got an end at %s while it fires, want now", spans[len(spans)-1].To)
	}
}
