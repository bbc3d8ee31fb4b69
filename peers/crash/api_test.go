package crash

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

const (
	adminKey = "sk-ant-admin01-of-the-crash-test"
	limit    = 1000 // output tokens per minute of each group
	busy     = 960
	calm     = 100
	// phase is how long the same groups are busy.
	phase  = 1500 * time.Millisecond
	phases = 4
)

// api is an Admin API in which limits come close and are well again within
// seconds, where real traffic takes minutes: the report of the same minutes says
// something else in each phase, as if it were corrected all the time.
type api struct {
	began   time.Time
	phases  [phases]*simulate.Server
	idle    *simulate.Server
	calm    atomic.Bool
	asked   tap // at each question for usage
	address string
}

// newAPI has so many groups; isBusy says which of them are in which phase.
func newAPI(t *testing.T, groups int, isBusy func(group, phase int) bool) *api {
	t.Helper()
	a := &api{began: time.Now()}
	for p := range phases {
		a.phases[p] = simulator(t, groups, func(group int) bool { return isBusy(group, p) })
	}
	a.idle = simulator(t, groups, func(int) bool { return false })
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.address = server.URL
	return a
}

// ServeHTTP lets the simulator of the present phase answer.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/analytics/usage") {
		a.asked.hit()
	}
	if a.calm.Load() {
		a.idle.ServeHTTP(w, r)
		return
	}
	a.phases[int(time.Since(a.began)/phase)%phases].ServeHTTP(w, r)
}

// simulator is an organization with a limit for each group, some of them busy.
func simulator(t *testing.T, groups int, isBusy func(group int) bool) *simulate.Server {
	t.Helper()
	first := time.Now().UTC().Truncate(time.Minute).Add(-2 * time.Hour)
	made := first.AddDate(0, -1, 0)
	c := simulate.Config{
		Organization: simulate.Organization{
			ID: "5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d2e70", Name: "Acme",
			Workspaces: []simulate.Workspace{{ID: "wrkspc_default", Name: "Default", Default: true, CreatedAt: made}},
		},
		Now: time.Now, AdminKeys: []string{adminKey},
	}
	for g := range groups {
		model := fmt.Sprintf("claude-%d", g)
		c.Organization.Groups = append(c.Organization.Groups, simulate.Group{
			ID: fmt.Sprintf("rlg_%d", g), RateLimitID: fmt.Sprintf("rl_%d", g), Type: "model_group", Name: fmt.Sprintf("Claude %d", g),
			Models: []string{model}, Limits: []simulate.Limit{{Type: "output_tokens_per_minute", Value: limit}},
		})
		output := int64(calm)
		if isBusy(g) {
			output = busy
		}
		c.Traffic.Streams = append(c.Traffic.Streams, steady(model, output, first))
	}
	s, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// steady is the same use in every minute of a day.
func steady(model string, output int64, first time.Time) simulate.Stream {
	s := simulate.Stream{Workspace: "wrkspc_default", Model: model, Product: "messages_api", ServiceTier: "standard", Speed: "standard"}
	for m := range 24 * 60 {
		s.Rows = append(s.Rows, simulate.Row{At: first.Add(time.Duration(m) * time.Minute), Counts: simulate.Counts{Requests: 1, Output: output}})
	}
	return s
}
