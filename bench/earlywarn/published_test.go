package earlywarn

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// openCases finds the cases of the traces in this repository, once for all tests.
var openCases = sync.OnceValues(func() ([]Case, error) {
	traces, err := ReadTraces("../../testdata/traces")
	return CasesOf(traces), err
})

func cases(t *testing.T) []Case {
	t.Helper()
	all, err := openCases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// published returns the lines of a file in testdata: numbers that were printed
// by another implementation.
func published(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

func TestCasesEqualThePublishedTable(t *testing.T) {
	t.Parallel()
	var got []string
	for _, c := range cases(t) {
		got = append(got, c.String())
	}
	if diff := cmp.Diff(published(t, "cases.txt"), got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestBaselinesScoreAsPublished(t *testing.T) {
	t.Parallel()
	var rows []Row
	for _, d := range Detectors() {
		rows = append(rows, Rank(d.Name, d.Threshold, cases(t), d.Notify))
	}
	var b strings.Builder
	WriteScores(&b, rows)
	head, body, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
	_, body, _ = strings.Cut(body, "\n") // the line under the head
	got := append([]string{head}, strings.Split(body, "\n")...)
	if diff := cmp.Diff(published(t, "scores.md"), got); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
}

func TestThePlainRateByTraceIsAsPublished(t *testing.T) {
	t.Parallel()
	for _, d := range Detectors() {
		if d.Name != PlainRate {
			continue
		}
		var b strings.Builder
		WriteTraces(&b, []Row{Rank(d.Name, d.Threshold, cases(t), d.Notify)})
		want := "| detector | sg-peaky-2 | sg-steady-2 | sg-team-1 | wc98-2 |\n|---|---|---|---|---|\n" +
			"| bucket-equivalent rate, warn | 0.51 (0.78) | 0.48 (2.26) | 0.54 (1.32) | 0.66 (0.35) |\n"
		if got := b.String(); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

func TestSpotCheckIsAsPublished(t *testing.T) {
	t.Parallel()
	c, ok := Find(cases(t), "sg-team-1", Input, 15)
	if !ok {
		t.Fatal("got no case, want sg-team-1 itpm k=15")
	}
	for _, d := range Detectors() {
		if d.Name != PlainRate {
			continue
		}
		s := Judge(c, d.Notify(c))
		got := [5]int{s.Episodes, s.Hits, s.EarlyHits, s.Right, s.False}
		if want := [5]int{16, 10, 7, 7, 15}; got != want {
			t.Errorf("episodes, hits, early, right, false: got %v, want %v", got, want)
		}
	}
}

func TestFreshEpisodesAreAsManyAsPublished(t *testing.T) {
	t.Parallel()
	all := Rank("never", 0, cases(t), func(Case) []float64 { return nil }).All
	if got, want := [2]int{all.Episodes, all.Fresh}, [2]int{456, 271}; got != want {
		t.Errorf("episodes, fresh ones: got %v, want %v", got, want)
	}
}
