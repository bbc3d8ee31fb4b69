package fetch

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"testing/iotest"

	"alerter/usage"
)

// held is a body that is all there.
func held(b []byte) *body { return &body{from: bytes.NewReader(b), left: maxUsageBody} }

// soundAnswer fails when decode takes something for an answer that is not JSON, or
// takes the same bytes for something else when they come one by one.
func soundAnswer(t *testing.T, b []byte, decode func(*body) error) {
	t.Helper()
	err := decode(held(b))
	if err == nil && !json.Valid(b) {
		t.Errorf("broken JSON is taken for an answer: %q", b)
	}
	slow := decode(&body{from: iotest.OneByteReader(bytes.NewReader(b)), left: maxUsageBody})
	if (err == nil) != (slow == nil) {
		t.Errorf("got %v at once and %v byte by byte", err, slow)
	}
	if err == nil && len(bytes.TrimSpace(b)) > 1 {
		cut := bytes.TrimSpace(b)
		cut = cut[:len(cut)-1]
		h := held(cut)
		if err := decode(h); err == nil || !h.cutOff(err) {
			t.Errorf("got %v for an answer without its last character, want it cut off", err)
		}
	}
}

func FuzzAnalyticsPage(f *testing.F) {
	f.Add(recorded(f, "analytics_usage_1m_page1.json"))
	f.Add(recorded(f, "analytics_usage_1m_page2.json"))
	f.Add([]byte(onePage(goodRow, goodRow)))
	f.Add([]byte(`{"data":[{"group":null,"usage":{"requests":-0}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		soundAnswer(t, b, func(from *body) error {
			tally := newTally(minute(9, 57), minute(10, 3))
			_, err := readPage(from, readAnalyticsRow(from, tally, 1))
			if err == nil {
				soundMinutes(t, tally, usage.SourceAnalytics)
			}
			return err
		})
	})
}

func FuzzReportPage(f *testing.F) {
	f.Add(recorded(f, "usage_messages_1m_grouped_page1.json"))
	f.Add(recorded(f, "usage_messages_1m_grouped_page2.json"))
	f.Add([]byte(onePage(goodBucket)))
	f.Add([]byte(`{"data":[{"results":[],"ending_at":"2026-11-23T09:58:00Z","starting_at":"2026-11-23T09:57:00Z"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		soundAnswer(t, b, func(from *body) error {
			tally := newTally(minute(9, 57), minute(10, 3))
			_, err := readPage(from, readReportBucket(from, tally, 1, orgDefault))
			if err == nil {
				soundMinutes(t, tally, usage.SourceReport)
			}
			return err
		})
	})
}

// soundMinutes fails when a minute holds what cannot be.
func soundMinutes(t *testing.T, tally *tally, kind usage.SourceKind) {
	t.Helper()
	rows := len(tally.rows)
	minutes := tally.split(kind, tick)
	if len(minutes) != 6 {
		t.Errorf("got %d minutes, want 6", len(minutes))
	}
	buckets := 0
	for _, m := range minutes {
		known := map[usage.Combination]bool{}
		buckets += len(m.Buckets)
		for _, b := range m.Buckets {
			if known[*b.Of] {
				t.Errorf("%s has %+v twice", m.Start, *b.Of)
			}
			known[*b.Of] = true
			c := b.Counts
			if min(c.UncachedInput, c.CacheWrite5m, c.CacheWrite1h, c.CacheRead, c.Output, c.WebSearches) < 0 || c.Requests < usage.RequestsUnknown {
				t.Errorf("%s has a negative count: %+v", m.Start, c)
			}
		}
	}
	if buckets > rows {
		t.Errorf("got %d buckets of %d rows", buckets, rows)
	}
}

func FuzzRateLimits(f *testing.F) {
	for _, name := range []string{"rate_limits_org.json", "rate_limits_workspace.json", "rate_limits_workspace_inherited.json"} {
		f.Add(recorded(f, name))
	}
	f.Add([]byte(`{"data":[{"group_type":"x","models":["a",null],"limits":[{"type":"t","value":1e2,"source":{}}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		soundAnswer(t, b, func(from *body) error {
			_, err := readPage(from, func(d *json.Decoder) error {
				e, err := readEntry(d, orgAgents)
				if err == nil && (e.Group.ID == "" || e.Group.Type == "") {
					t.Errorf("got a group without id or type: %+v", e)
				}
				return err
			})
			return err
		})
	})
}

func FuzzWorkspaces(f *testing.F) {
	f.Add(recorded(f, "workspaces.json"))
	f.Add([]byte(`{"data":[{"id":"w"}],"has_more":false}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		soundAnswer(t, b, func(from *body) error {
			_, err := readPage(from, func(d *json.Decoder) error { _, _, err := readWorkspace(d); return err })
			return err
		})
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(recorded(f, "api_keys.json"))
	f.Add([]byte(`{"data":[{"id":"k","scope":{"type":"organization"}}],"has_more":false}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		soundAnswer(t, b, func(from *body) error {
			_, err := readPage(from, func(d *json.Decoder) error { _, _, err := readKey(d); return err })
			return err
		})
	})
}

func FuzzOrganization(f *testing.F) {
	f.Add([]byte(`{"id":"1","name":"Acme"}`))
	f.Add([]byte(` {"id":"1"} x`))
	f.Fuzz(func(t *testing.T, b []byte) {
		soundAnswer(t, b, func(from *body) error {
			var v struct{ ID, Name string }
			return readObject(from, &v)
		})
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Mon, 23 Nov 2026 10:05:00 GMT", "Mon, 23 Nov 2026 10:04:00 GMT")
	f.Fuzz(func(t *testing.T, value, date string) {
		h := map[string][]string{"Retry-After": {value}, "Date": {date}}
		if d := retryAfter(h, tick); d < 0 || d > 24*60*60*1e9 {
			t.Errorf("got %s, want 0 to a day", d)
		}
	})
}

// A reader that fails is not the end of an answer, wherever it fails.
func TestAReaderThatFailsIsACutOffAtEveryByte(t *testing.T) {
	t.Parallel()
	page := []byte(onePage(goodRow))
	for i := range page {
		from := &body{from: io.MultiReader(bytes.NewReader(page[:i]), iotest.ErrReader(io.ErrClosedPipe)), left: maxUsageBody}
		tally := newTally(minute(9, 57), minute(10, 3))
		_, err := readPage(from, readAnalyticsRow(from, tally, 1))
		if err == nil || !from.cutOff(err) {
			t.Fatalf("got %v after %d bytes, want a cut-off", err, i)
		}
	}
}
