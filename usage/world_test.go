package usage_test

import (
	"time"

	"pgregory.net/rapid"

	"alerter/usage"
)

// world is what a join is given.
type world struct {
	window  usage.Window
	minutes []usage.Minute
	limits  usage.Limits
}

func (w world) join() ([]usage.Series, usage.Unmatched) { return join(w.window, w.minutes, w.limits) }

var limiters = []usage.Limiter{
	usage.RequestsPerMinute, usage.InputTokensCacheAware, usage.InputTokens, usage.OutputTokens, usage.TokensPerMinute,
	usage.FastInputTokensCacheAware, usage.FastOutputTokens,
}

// worlds draws a window of 20 minutes in which anything may be missing, late or odd.
func worlds(t *rapid.T) world {
	minute := func(name string, from, to int) time.Time {
		return at("10:00").Add(time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Minute)
	}
	w := world{
		window: usage.Window{
			At: minute("at", 15, 30), From: at("10:00"), To: at("10:20"),
			Settle: time.Duration(rapid.IntRange(0, 8).Draw(t, "settle")) * time.Minute,
			Prefer: rapid.SampledFrom([]usage.SourceKind{usage.SourceAnalytics, usage.SourceReport}).Draw(t, "prefer"),
			Reported: map[usage.SourceKind]time.Time{
				usage.SourceAnalytics: minute("analytics reported", -1, 20), usage.SourceReport: minute("report reported", -1, 20),
			},
		},
		limits: drawLimits(t),
	}
	combinations := rapid.SliceOfN(rapid.Custom(drawCombination), 1, 6).Draw(t, "combinations")
	for start := w.window.From; start.Before(w.window.To); start = start.Add(time.Minute) {
		for _, source := range []usage.SourceKind{usage.SourceAnalytics, usage.SourceReport, usage.SourceKeys} {
			if rapid.IntRange(0, 3).Draw(t, "read") == 0 {
				continue
			}
			m := usage.Minute{Start: start, Source: source, ReadAt: start.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "lag")) * time.Minute)}
			for i := range combinations {
				if rapid.Bool().Draw(t, "used") {
					m.Buckets = append(m.Buckets, usage.Bucket{Of: &combinations[i], Counts: drawCounts(t)})
				}
			}
			w.minutes = append(w.minutes, m)
		}
	}
	return w
}

// drawLimits draws limits of two groups, of the organization and two workspaces,
// some of which changed; model m1 may have moved.
func drawLimits(t *rapid.T) usage.Limits {
	limits := usage.Limits{
		Groups: map[string]usage.Group{"g1": {ID: "g1", Type: usage.ModelGroup}, "g2": {ID: "g2", Type: usage.ModelGroup, Name: "Two"}},
		Members: []usage.Membership{
			{GroupID: "g1", Model: "m0"}, {GroupID: "g1", Model: "m1", Until: at("10:12")}, {GroupID: "g2", Model: "m1", From: at("10:12")},
		},
	}
	for _, ws := range []string{"", "w1", "w2"} {
		for _, group := range []string{"g1", "g2"} {
			for _, l := range limiters {
				limit := usage.Limit{WorkspaceID: ws, GroupID: group, Limiter: l, Value: int64(rapid.IntRange(1, 100).Draw(t, "limit"))}
				switch rapid.IntRange(0, 3).Draw(t, "history") {
				case 0: // none
				case 1:
					limits.Limits = append(limits.Limits, limit)
				default:
					older := limit
					older.Value, older.Until, limit.From = 50, at("10:07"), at("10:07")
					limits.Limits = append(limits.Limits, older, limit)
				}
			}
		}
	}
	return limits
}

func drawCombination(t *rapid.T) usage.Combination {
	pick := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
	return usage.Combination{
		Model: pick("model", "m0", "m1", "m2", ""), WorkspaceID: pick("workspace", "w1", "w2", "w3", ""),
		ServiceTier: pick("tier", "standard", "batch", "priority", ""), Speed: pick("speed", "standard", "fast", ""),
		Product: pick("product", "messages_api", "claude_code", "message_batches_api", ""),
	}
}

func drawCounts(t *rapid.T) usage.Counts {
	n := func(name string) int64 { return rapid.Int64Range(0, 1000).Draw(t, name) }
	return usage.Counts{
		Requests:      rapid.SampledFrom([]int64{usage.RequestsUnknown, 0, 1, 7, 7, 7}).Draw(t, "requests"),
		UncachedInput: n("uncached"), CacheWrite5m: n("5m"), CacheWrite1h: n("1h"), CacheRead: n("read"), Output: n("output"),
	}
}
