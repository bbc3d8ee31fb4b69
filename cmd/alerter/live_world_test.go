package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"alerter/fetch/simulate"
	"alerter/notify/route"
	"alerter/store"
)

// liveAPI is an Admin API whose report is late, grows and is corrected.
func liveAPI(t *testing.T, seed uint64, now func() time.Time) *simulate.Server {
	t.Helper()
	api := scriptOrganization(past.Add(2*time.Hour), 0)
	api.Traffic.Streams[0].Rows = liveTraffic(seed, past)
	api.Now = now
	api.Reporting = simulate.Reporting{
		Lag: 4 * time.Minute, AnalyticsLag: time.Minute, Growing: 3 * time.Minute,
		Corrected: 0.3, CorrectedAfter: 13 * time.Minute, Seed: seed,
	}
	sim, err := simulate.New(api)
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

// liveTraffic comes near the limit every now and then, the same for the same seed.
func liveTraffic(seed uint64, at time.Time) []simulate.Row {
	var rows []simulate.Row
	for minute := range (2 + liveHours) * 60 {
		block := rand.New(rand.NewPCG(seed, uint64(minute/20)))
		level := []int64{0, 200, 400, 860, 930, 1000}[block.IntN(6)] * scriptLimit / 1000
		exact := rand.New(rand.NewPCG(seed, uint64(1000+minute)))
		if used := level * (90 + exact.Int64N(20)) / 100; used > 0 {
			rows = append(rows, simulate.Row{At: at.Add(time.Duration(minute) * time.Minute), Counts: simulate.Counts{Requests: 1, Output: used}})
		}
	}
	return rows
}

// trouble is what reports and limits may do. It returns the fault that is on.
func trouble(t *testing.T, sim *simulate.Server, minute, fault int) int {
	t.Helper()
	var err error
	limit := func(value int64) error {
		return sim.Change(simulate.Change{Group: "rlg_opus", Limiter: "output_tokens_per_minute", Value: &value})
	}
	inject := func(f simulate.Fault) { fault, err = sim.Inject(f) }
	switch minute {
	case 60:
		err = limit(scriptLimit * 12 / 10)
	case 100:
		inject(simulate.Fault{Kind: simulate.StopReporting})
	case 165:
		inject(simulate.Fault{Kind: simulate.LateAnalytics, Lateness: 8 * time.Minute})
	case 190:
		inject(simulate.Fault{Kind: simulate.NotEnrolled})
	case 215:
		inject(simulate.Fault{Kind: simulate.Status, Status: 529})
	case 150, 185, 210, 235:
		sim.Clear(fault)
	case 250:
		err = limit(scriptLimit * 9 / 10)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fault
}

// people acknowledge what fires every half hour, silence one rule for some time, and end
// that early.
func people(t *testing.T, st *store.Store, minute int, at time.Time) {
	t.Helper()
	err := st.Update(t.Context(), func(tx *store.Tx) error {
		switch {
		case minute%30 == 29:
			firing, err := tx.FiringAlerts()
			for i := range firing {
				if _, ackErr := tx.Acknowledge(firing[i].Fingerprint, "anna", at); ackErr != nil {
					return ackErr
				}
			}
			return err
		case minute == 10 || minute == 270:
			m, err := route.ParseMatcher(`alertname="HighUtilization"`)
			if err != nil {
				return err
			}
			_, err = tx.PutSilence(route.Silence{Matchers: []route.Matcher{m}, CreatedBy: "anna", Comment: "a test", StartsAt: at.Add(5 * time.Minute), EndsAt: at.Add(2 * time.Hour)}, at)
			return err
		case minute == 85:
			silences, err := tx.Silences(at)
			for _, s := range silences {
				_, err = tx.ExpireSilence(s.ID, "anna", at)
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
