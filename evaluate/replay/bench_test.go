package replay_test

import (
	"testing"

	"alerter/evaluate/replay"
	"alerter/usage"
)

// BenchmarkRun plays fourteen days of twelve limits, three of each of four groups,
// used by four workspaces.
func BenchmarkRun(b *testing.B) {
	h := walk(1, 4, 14*24*60, 4)
	b.ReportAllocs()
	for b.Loop() {
		steps := 0
		for range replay.Run(h, shipped, tree, h.Span()) {
			steps++
		}
		if steps != 14*24*60 {
			b.Fatalf("got %d steps, want %d", steps, 14*24*60)
		}
	}
}

// BenchmarkRunDay is the same with a limit per day, which looks a day back.
func BenchmarkRunDay(b *testing.B) {
	h := walk(1, 4, 14*24*60, 4)
	entry := &h.Limits[0].Readings[0].Entries[0]
	entry.Limits = append(entry.Limits, usage.Value{Limiter: usage.TokensPerDay, Value: 1_000_000})
	b.ReportAllocs()
	for b.Loop() {
		for range replay.Run(h, shipped, tree, h.Span()) {
		}
	}
}
