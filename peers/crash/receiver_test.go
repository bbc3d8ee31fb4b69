package crash

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// item is what a message says of one alert.
type item struct {
	Fingerprint string
	FiredMS     int64 // the episode
	Reason      string
}

// message is one that a receiver has read to its end, answered or not.
type message struct {
	ID    string
	Run   int64 // which process sent it
	Items []item
}

// receiver is a webhook that takes its time to answer, and remembers all.
type receiver struct {
	name    string
	slow    time.Duration // it answers after up to this
	run     *atomic.Int64
	got     tap // at each message, before it is answered
	address string

	mu    sync.Mutex
	heard []message
}

func newReceiver(t *testing.T, name string, slow time.Duration, run *atomic.Int64) *receiver {
	t.Helper()
	r := &receiver{name: name, slow: slow, run: run}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.address = server.URL
	return r
}

// ServeHTTP remembers the message, waits, and accepts it.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	run := r.run.Load()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the sender was killed meanwhile: nothing was heard
	}
	m, err := read(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.ID, m.Run = req.Header.Get("webhook-id"), run
	r.mu.Lock()
	r.heard = append(r.heard, m)
	r.mu.Unlock()
	r.got.hit()
	timer := time.NewTimer(rand.N(r.slow) + 1)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-req.Context().Done():
	}
	w.WriteHeader(http.StatusOK)
}

func read(body []byte) (message, error) {
	var m struct {
		Data struct {
			Alerts []struct {
				Fingerprint string    `json:"fingerprint"`
				FiredAt     time.Time `json:"fired_at"`
				Reason      string    `json:"reason"`
			} `json:"alerts"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return message{}, err
	}
	var out message
	for _, a := range m.Data.Alerts {
		out.Items = append(out.Items, item{a.Fingerprint, a.FiredAt.UnixMilli(), a.Reason})
	}
	return out, nil
}

// all is what was heard, in its order.
func (r *receiver) all() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.heard...)
}
