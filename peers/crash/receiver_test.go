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

// message is one that a receiver has taken in, answered or not.
type message struct {
	ID    string
	Run   int64 // which process sent it
	Items []item
}

// receiver is a webhook that takes its time to answer, and remembers all.
type receiver struct {
	name    string
	slow    time.Duration // it answers after up to this
	grouped bool          // it hears of all alerts in one message
	run     *atomic.Int64
	got     tap // at each message, before it is taken in and before it is answered
	address string

	mu    sync.Mutex
	heard []message
}

func newReceiver(t *testing.T, name string, slow time.Duration) *receiver {
	t.Helper()
	r := &receiver{name: name, slow: slow}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.address = server.URL
	return r
}

// ServeHTTP thinks, remembers the message, thinks, and accepts it.
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
	r.got.hit()
	if r.think(req) != nil {
		return // it has not taken the message in: it wants it again
	}
	r.mu.Lock()
	r.heard = append(r.heard, m)
	r.mu.Unlock()
	r.got.hit()
	_ = r.think(req) // it has taken it in, whether it can say so or not
	w.WriteHeader(http.StatusOK)
}

// think takes a while, and reports whether the sender has gone meanwhile.
func (r *receiver) think(req *http.Request) error {
	timer := time.NewTimer(rand.N(r.slow / 2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-req.Context().Done():
		return req.Context().Err()
	}
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
