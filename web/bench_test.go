package web

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"alerter/store"
	"alerter/usage"
)

// large is a world of 10,000 series: ten groups of models, five hundred
// workspaces with two limits each, and an hour and a half of minutes.
func large(b *testing.B) *world {
	b.Helper()
	w := newWorld(b)
	org := usage.Organization{ID: orgID, Name: "acme"}
	limits := usage.Limits{Groups: map[string]usage.Group{}}
	var used []*usage.Combination
	for i := range 500 {
		org.Workspaces = append(org.Workspaces, usage.Workspace{ID: fmt.Sprint("wrkspc_", i), Name: fmt.Sprint("team ", i)})
	}
	for g := range 10 {
		id, model := fmt.Sprint("rlg_", g), fmt.Sprint("model-", g)
		limits.Groups[id] = usage.Group{ID: id, Type: usage.ModelGroup, Name: fmt.Sprint("Group ", g), Models: []string{model}}
		limits.Members = append(limits.Members, usage.Membership{GroupID: id, Model: model})
		for i, workspace := range org.Workspaces {
			for _, limiter := range []usage.Limiter{usage.OutputTokens, usage.InputTokensCacheAware} {
				limits.Limits = append(limits.Limits, usage.Limit{WorkspaceID: workspace.ID, GroupID: id, Limiter: limiter, Value: 1000, Assumed: true, ReadAt: inside})
			}
			if i%5 == 0 {
				used = append(used, &usage.Combination{Model: model, WorkspaceID: workspace.ID, ServiceTier: "standard", Speed: "standard"})
			}
		}
	}
	var minutes []usage.Minute
	for m := range 90 {
		minute := usage.Minute{Start: inside.Truncate(time.Minute).Add(time.Duration(m-92) * time.Minute), ReadAt: inside, Source: usage.SourceAnalytics}
		for i, of := range used {
			minute.Buckets = append(minute.Buckets, usage.Bucket{Of: of, Counts: usage.Counts{Requests: 1, Output: int64(i % 900), UncachedInput: int64(m * 7)}})
		}
		minutes = append(minutes, minute)
	}
	w.update(b, func(tx *store.Tx) error {
		_, err := tx.PutMinutes(orgID, minutes)
		return errors.Join(err, tx.PutOrganization(org, "acme", inside), tx.PutLimits(orgID, limits))
	})
	return w
}

// BenchmarkAnswers measures answers over 10,000 series: read anew each time, and
// as those hear it who come while a reading is fresh.
func BenchmarkAnswers(b *testing.B) {
	w := large(b)
	for _, path := range []string{"/", "/api/v1/status", "/api/v1/limits", "/metrics"} {
		for name, age := range map[string]time.Duration{"anew": fresh, "fresh": 0} {
			b.Run(path+" "+name, func(b *testing.B) {
				size := len(w.body(b, path))
				for b.Loop() {
					w.pass(age)
					w.body(b, path)
				}
				b.ReportMetric(float64(size), "bytes/answer")
			})
		}
	}
}
