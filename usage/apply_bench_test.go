package usage_test

import (
	"testing"
	"time"

	"alerter/usage"
)

// BenchmarkApply adds a reading of 10,000 limits to what is known: at first, and
// again where nothing has changed, as every quarter of an hour.
func BenchmarkApply(b *testing.B) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	readings, _, _ := largeReadings(10_000)
	first, _ := usage.Apply(usage.Limits{}, readings, at)
	for name, prior := range map[string]usage.Limits{"first": {}, "again": first} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				got, changes := usage.Apply(prior, readings, at.Add(15*time.Minute))
				if len(got.Limits) != 10_000 || len(changes) > 0 {
					b.Fatalf("got %d limits and %d changes, want 10000 and none", len(got.Limits), len(changes))
				}
			}
		})
	}
}
