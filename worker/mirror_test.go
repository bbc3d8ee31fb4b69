package worker

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"alerter/notify"
)

// push is one alert of a request to Alertmanager.
type push struct {
	Labels map[string]string `json:"labels"`
	EndsAt time.Time         `json:"endsAt"`
}

func TestWhatFiresIsToldToAlertmanagerEveryMinuteUntilItIsOver(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got [][]push
	am := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var one []push
		if err := json.NewDecoder(r.Body).Decode(&one); err != nil || r.URL.Path != "/api/v2/alerts" {
			t.Errorf("got %s with %v, want alerts", r.URL.Path, err)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, one)
	}))
	t.Cleanup(am.Close)
	pushed := func() []push {
		mu.Lock()
		defer mu.Unlock()
		if len(got) == 0 {
			return nil
		}
		last := got[len(got)-1]
		got = nil
		return last
	}

	w := newWorld(t, func(m time.Time) int64 {
		if m.After(start) && m.Before(start.Add(30*time.Minute)) {
			return 980
		}
		return 100
	})
	c, err := notify.New("alertmanager", jsonSettings(settingsTo["alertmanager"](am.URL)), notify.Env{Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	w.plan.Receivers["team"] = notify.Receiver{Kind: "alertmanager", Channel: c}
	w.limits()
	mirror := func() []push {
		t.Helper()
		if err := w.worker.Mirror(t.Context(), w.now()); err != nil {
			t.Fatal(err)
		}
		return pushed()
	}
	if p := mirror(); p != nil {
		t.Errorf("got %v pushed before anything fires, want nothing", p)
	}
	w.minutes(30)
	pushed()
	for range 2 {
		p := mirror()
		if len(p) != 1 || p[0].Labels["severity"] == "" || p[0].EndsAt.Sub(w.now()) != 4*time.Minute {
			t.Errorf("got %v, want the alert for four more minutes", p)
		}
	}
	w.minutes(90)
	pushed()
	if p := mirror(); p != nil {
		t.Errorf("got %v pushed after the end, want nothing", p)
	}
}
