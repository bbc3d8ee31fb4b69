package simulate

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"time"
)

// The licences of the files are in traffic/README.md.
//
//go:embed traffic/*.csv.gz
var recorded embed.FS

// demoStart is chosen so that the recorded days, which repeat, give about
// twenty-five quiet minutes and then a first episode.
var demoStart = time.Date(2026, 11, 23, 9, 40, 0, 0, time.UTC)

// demoQuiet is how long after the start the first limit comes close.
const demoQuiet = 25 * time.Minute

// demoHistory is how much there is before the start: whole weeks, so that rules
// about growth have something to read.
const demoHistory = 35 * day

// Demo is a ready configuration: a made-up organization under recorded traffic.
// Now is left to the caller and should begin at Start, by when there have been
// five weeks of traffic. The first limit comes close about half an hour later.
// The seed decides which rows are corrected late; it may be any number.
func Demo(seed uint64) (Config, error) {
	traces, err := recordedTraces()
	if err != nil {
		return Config{}, err
	}
	c := demoConfig(seed, demoStart)
	c.Traffic.Streams = demoStreams(traces)
	return c, nil
}

// demoTraces are the traces of the demo; the main one brings the first episode.
type demoTraces struct{ main, team, surges, code played }

func recordedTraces() (demoTraces, error) {
	var t demoTraces
	for name, into := range map[string]*played{"peaky": &t.main, "team": &t.team, "surges": &t.surges, "code": &t.code} {
		b, err := recorded.ReadFile("traffic/" + name + ".csv.gz")
		if err != nil {
			return t, fmt.Errorf("read recorded traffic: %w", err)
		}
		trace, err := LoadTrace(bytes.NewReader(b))
		if err != nil {
			return t, fmt.Errorf("load recorded traffic %s: %w", name, err)
		}
		*into = played{trace, 0, trace.rates().quantile(1)}
	}
	return t, nil
}

// DemoTrace is Demo with a trace of the caller's own in the main part, scaled so
// that its limit is close for a fiftieth of the time, and set to the clock so that
// the first such time, if there is a quiet hour before, comes early in the demo.
func DemoTrace(own *Trace, seed uint64) (Config, error) {
	if own == nil || len(own.Steps) == 0 {
		return Config{}, errors.New("make demo of a trace: no steps in it")
	}
	traces, err := recordedTraces()
	if err != nil {
		return Config{}, err
	}
	c := demoConfig(seed, demoStart)
	rates := own.rates()
	busy := rates.quantile(0.98)
	first := rates.firstOver(busy.uncached)
	busy.uncached *= demoMainInput / (0.85 * demoLimit) // at the quantile the group is at 85 %
	span := own.Span()
	// The report shows a minute six minutes after it began.
	offset := (first - demoStart.Sub(c.Traffic.Epoch) - demoQuiet + 6*time.Minute) % span
	traces.main = played{own, offset, busy}
	c.Traffic.Streams = demoStreams(traces)
	return c, nil
}

func demoConfig(seed uint64, start time.Time) Config {
	return Config{
		Organization: demoOrganization(),
		Traffic:      Traffic{Epoch: start.Add(-demoHistory).Truncate(day), Prices: demoPrices(), Discount: 0.2},
		Reporting: Reporting{
			Lag: 4*time.Minute + 30*time.Second, Growing: 2 * time.Minute,
			Corrected: 0.01, CorrectedAfter: 7 * time.Minute, Seed: seed,
		},
		Start: start,
	}
}
