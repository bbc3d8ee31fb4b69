package notify

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// delivery is a request a recorder took.
type delivery struct {
	header http.Header
	body   []byte
}

// recorder is a webhook receiver that takes everything.
type recorder struct {
	url   string
	taken chan delivery
}

// newRecorder starts a recorder; it ends with the test.
func newRecorder(t *testing.T) *recorder {
	t.Helper()
	r := &recorder{taken: make(chan delivery, 20)}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.taken <- delivery{header: req.Header.Clone(), body: body}
	}))
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// next waits for the next delivery.
func (r *recorder) next(t *testing.T) delivery {
	t.Helper()
	var d delivery
	await(t, "a delivery", func() bool {
		select {
		case d = <-r.taken:
			return true
		default:
			return false
		}
	})
	return d
}
