package simulate

import (
	"bytes"
	"compress/gzip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLoadTrace(t *testing.T) {
	t.Parallel()
	const text = traceHeader + "\r\n0,1,2,3,4\n2,5,6,7,8\n"
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{"plain": text, "gzipped": zipped.String(), "with a byte order mark": "\ufeff" + text} {
		trace, err := LoadTrace(strings.NewReader(in))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []Step{{1, 2, 3, 4}, {}, {5, 6, 7, 8}}
		if len(trace.Steps) != 3 || trace.Steps[0] != want[0] || trace.Steps[1] != want[1] || trace.Steps[2] != want[2] || trace.Span() != 30*time.Second {
			t.Errorf("%s: got %v over %s", name, trace.Steps, trace.Span())
		}
	}
}

func TestLoadTraceRefuses(t *testing.T) {
	t.Parallel()
	const head = traceHeader + "\n"
	for in, want := range map[string]string{
		"":                              "read trace: no steps in it",
		head:                            "read trace: no steps in it",
		"time,tokens\n":                 `read trace line 1: header is "time,tokens", want "t10,requests,input_uncached,cache_read,output"`,
		head + "0,1,2,3\n":              `read trace line 2: 4 fields, want 5: "0,1,2,3"`,
		head + "0,1,2,3,4\n\n":          `read trace line 3: 1 fields, want 5: ""`,
		head + "0,1,2,3,x\n":            `read trace line 2: output is "x", want a whole number from 0 to 1000000000000`,
		head + "0,-1,2,3,4\n":           `read trace line 2: requests is "-1", want a whole number from 0 to 1000000000000`,
		head + "0,1,1e9,3,4\n":          `read trace line 2: input_uncached is "1e9", want a whole number from 0 to 1000000000000`,
		head + "3,1,2,3,4\n3,1,2,3,4\n": `read trace line 3: step 3 comes after step 3`,
		head + "864000,1,2,3,4\n":       `read trace line 2: step 864000 is later than a hundred days`,
		"\x1f\x8bnot gzip":              "open gzipped trace: gzip: invalid header",
	} {
		if _, err := LoadTrace(strings.NewReader(in)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(head + "0,1,2,3,4\n"))
	_ = z.Close()
	cut := zipped.Bytes()[:zipped.Len()-6]
	if _, err := LoadTrace(bytes.NewReader(cut)); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("cut off: got %v", err)
	}
	if _, err := LoadTrace(strings.NewReader(head + strings.Repeat("9", 70000))); err == nil || !strings.Contains(err.Error(), "token too long") {
		t.Errorf("long line: got %v", err)
	}
}

func TestRecordedTrafficIsSmallAndWhole(t *testing.T) {
	t.Parallel()
	files, err := recorded.ReadDir("traffic")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, f := range files {
		b, err := recorded.ReadFile("traffic/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum += len(b)
		trace, err := LoadTrace(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", f.Name(), err)
		}
		if span := trace.Span(); f.Name() != "code.csv.gz" && span != day {
			t.Errorf("%s is %s long, want a day", f.Name(), span)
		}
	}
	if sum > 300_000 {
		t.Errorf("got %d bytes of embedded traffic, want at most 300,000", sum)
	}
	note, err := os.ReadFile("traffic/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.Contains(string(note), f.Name()) {
			t.Errorf("the licence note does not speak of %s", f.Name())
		}
	}
}

func TestTracesOfTheRepository(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/traces/*.csv.gz")
	if err != nil || len(files) != 5 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		trace, err := LoadTrace(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if c, err := DemoTrace(trace, 1); err != nil || c.check() == nil {
			t.Errorf("%s: got %v, want a configuration that lacks a clock", name, err)
		}
	}
}

func FuzzLoadTrace(f *testing.F) {
	f.Add([]byte(traceHeader + "\n0,1,2,3,4\n2,5,6,7,8\n"))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		trace, err := LoadTrace(bytes.NewReader(b))
		if (err == nil) != (trace != nil && len(trace.Steps) > 0) {
			t.Errorf("got %v beside %v", trace, err)
		}
	})
}

// FuzzQuery asks every endpoint with any query: it must answer or refuse.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"starting_at=2026-11-23T10:00:00Z&ending_at=2026-11-23T11:00:00Z&time_bucket_width=1m&group_by[]=model&limit=1",
		"starting_at=2026-11-23T10:00:00Z&bucket_width=1m&limit=1&page=page_eyJwIjoxLCJ0Ijo5fQ", "after_id=x&limit=7", "%zz=1;2", "starting_at=0000-01-01T00:00:00Z",
	} {
		f.Add(q)
	}
	c := Synthetic(2, 2, 1)
	c.Now = func() time.Time { return c.Start }
	s, err := New(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for _, e := range []Endpoint{Me, Workspaces, OneWorkspace, APIKeys, RateLimits, WorkspaceRateLimits, AnalyticsUsage, AnalyticsCost, UsageReport, CostReport, SpendLimits} {
			p, refused := parse(q)
			if refused != nil {
				return
			}
			call := &call{endpoint: e, id: "wrkspc_synthetic01", version: version2026, at: c.Start, params: p,
				header: map[string][]string{"Anthropic-Beta": {analyticsBeta + "," + spendBeta}}}
			v, refused := s.endpoint(call)
			if (v == nil) == (refused == nil) {
				t.Errorf("%s?%s: got %v and %v", e, q, v, refused)
			}
			if _, err := url.ParseQuery(q); err == nil && refused != nil && (refused.status < 400 || refused.kind == "") {
				t.Errorf("%s?%s: got %v", e, q, refused)
			}
		}
	})
}
