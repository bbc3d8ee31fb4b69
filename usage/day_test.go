package usage_test

import (
	"slices"
	"testing"
	"time"

	"alerter/usage"
)

// aDayBefore is ten's window with the day before it, a bucket of one output token
// and one cache read in every minute.
func aDayBefore() []usage.Minute {
	w := ten()
	w.From = w.From.Add(-24 * time.Hour)
	return every(w, usage.SourceAnalytics, bucket(usage.Counts{Output: 1, CacheRead: 2}))
}

func perDay() usage.Limits {
	return small(usage.Limit{Limiter: usage.TokensPerDay, Value: 2000})
}

func TestTokensPerDayIsTheSumOfTheDayUpToEachMinute(t *testing.T) {
	t.Parallel()
	minutes := aDayBefore()
	// 500 tokens at 10:03 the day before: in the day of minutes up to 10:02.
	minutes[3].Buckets = []usage.Bucket{bucket(usage.Counts{Output: 500})}
	// 70 at 10:04.
	minutes[24*60+4].Buckets = []usage.Bucket{bucket(usage.Counts{Output: 70})}
	series, _ := join(ten(), minutes, perDay())
	compare(t, "used", used(series[0]), []float64{1939, 1939, 1939, 1440, 1509, 1509, 1509, 1509, 1509, 1509})
	compare(t, "with cache reads", series[0].WithCacheReads, []float64{4817, 4817, 4817, 4320, 4387, 4387, 4387, 4387, 4387, 4387})
	compare(t, "limits", limitsOf(series[0]), slices.Repeat([]float64{2000}, 10))
	if series[0].Settled != 10 {
		t.Errorf("got %d settled, want 10", series[0].Settled)
	}
}

func TestADayIsKnownWhereNineTenthsOfItAre(t *testing.T) {
	t.Parallel()
	minutes := aDayBefore()
	// 145 of the 1440 minutes up to 10:00 were not read, then one less each minute.
	minutes = slices.Delete(minutes, 1, 146)
	series, _ := join(ten(), minutes, perDay())
	compare(t, "used", used(series[0]), []float64{nan, 1296, 1297, 1298, 1299, 1300, 1301, 1302, 1303, 1304})
}

func TestADayIsUnknownInAMinuteThatIs(t *testing.T) {
	t.Parallel()
	w := ten()
	w.Reported[usage.SourceAnalytics] = at("10:07")
	minutes := aDayBefore()
	minutes[24*60+2].ReadAt = minutes[24*60+2].Start // only seen early
	series, _ := join(w, minutes, perDay())
	compare(t, "used", used(series[0]), []float64{1440, 1440, nan, 1440, 1440, 1440, 1440, 1440, nan, nan})
	if series[0].Settled != 8 {
		t.Errorf("got %d settled, want 8", series[0].Settled)
	}
}

func TestADayWithoutItsPastIsUnknown(t *testing.T) {
	t.Parallel()
	series, _ := join(ten(), aDayBefore()[24*60:], perDay())
	compare(t, "used", used(series[0]), slices.Repeat([]float64{nan}, 10))
}

func TestWhatASourceHasNotReportedIsInNoDay(t *testing.T) {
	t.Parallel()
	w := ten()
	delete(w.Reported, usage.SourceAnalytics)
	series, _ := join(w, aDayBefore(), perDay())
	compare(t, "used", used(series[0]), slices.Repeat([]float64{nan}, 10))
}

func TestADayCountsAModelWhileItIsInTheGroup(t *testing.T) {
	t.Parallel()
	limits := perDay()
	limits.Members[0].From = at("09:00")
	series, _ := join(ten(), aDayBefore(), limits)
	compare(t, "used", used(series[0]), []float64{61, 62, 63, 64, 65, 66, 67, 68, 69, 70})
}

func TestADayCountsAWorkspacesOwn(t *testing.T) {
	t.Parallel()
	minutes := aDayBefore()
	other := bucket(usage.Counts{Output: 100}, inWorkspace("w2"))
	outside := bucket(usage.Counts{Output: 100}, inWorkspace(""))
	for i := range minutes {
		minutes[i].Buckets = append(slices.Clone(minutes[i].Buckets), other, outside)
	}
	series, _ := join(ten(), minutes, small(
		usage.Limit{Limiter: usage.TokensPerDay, Value: 2000, WorkspaceID: "w1"}, usage.Limit{Limiter: usage.TokensPerDay, Value: 200_000},
	))
	compare(t, "organization", used(series[0])[:1], []float64{1440 * 101})
	compare(t, "workspace", used(series[1])[:1], []float64{1440})
}

// Over a window longer than a day, what falls out of the day is taken off again.
func TestADayEndsInsideALongWindow(t *testing.T) {
	t.Parallel()
	w := ten()
	w.From = w.From.Add(-24 * time.Hour)
	minutes := aDayBefore()
	minutes[0].Buckets = []usage.Bucket{bucket(usage.Counts{Output: 1001})}
	series, _ := join(w, minutes, perDay())
	got := used(series[0])
	compare(t, "around the day's end", got[1438:1442], []float64{2439, 2440, 1440, 1440})
	compare(t, "as soon as enough is known", got[1294:1297], []float64{nan, 2296, 2297})
}

func TestOnlyLimitsPerDayNeedADayMore(t *testing.T) {
	t.Parallel()
	if got := usage.Lookback(small(usage.Limit{Limiter: usage.OutputTokens, Value: 1})); got != 0 {
		t.Errorf("got %v, want none", got)
	}
	if got := usage.Lookback(perDay()); got != 24*time.Hour {
		t.Errorf("got %v, want 24h", got)
	}
}
