package earlywarn

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// steps is a load of so many equal steps.
func steps(n int, load float64) []float64 { return slices.Repeat([]float64{load}, n) }

func TestAFullBucketSurvivesABurst(t *testing.T) {
	t.Parallel()
	// Twelve minutes' worth of steps at the limit of 600, then one minute at 1.8 of it.
	got := limit(slices.Concat(steps(12, 100), steps(6, 180)), 600)
	if len(got.Episodes) != 0 || got.Rejected != 0 {
		t.Errorf("got %v, %v rejected, want neither", got.Episodes, got.Rejected)
	}
}

func TestAnEmptyBucketRejects(t *testing.T) {
	t.Parallel()
	// 700 at once: 600 are in the bucket. The next step finds what was refilled: 100.
	got := limit([]float64{700, 150, 0}, 600)
	want := Limited{Accepted: []float64{600, 100, 0}, Rejected: 150.0 / 850, Episodes: []Episode{{Start: 0, End: minuteOf(1) + minuteOf(1)}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limited (-want +got):\n%s", diff)
	}
}

func TestEpisodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		reject map[int]float64 // by step
		starts []float64
	}{
		{"nothing rejected", nil, nil},
		{"a gap under ten minutes joins", map[int]float64{60: 5, 120: 5}, []float64{10}},
		{"a longer one parts", map[int]float64{60: 5, 126: 5}, []float64{10, 21}},
		{"what rejected next to nothing is dropped", map[int]float64{60: 0.5, 600: 1}, []float64{100}},
		{"small rejections add up", map[int]float64{60: 0.5, 61: 0.5}, []float64{10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := gatherer{least: 1}
			for step := range 1000 {
				if lost := c.reject[step]; lost > 0 {
					g.add(step, lost)
				}
			}
			g.close()
			var starts []float64
			for _, e := range g.kept {
				starts = append(starts, e.Start)
			}
			if diff := cmp.Diff(c.starts, starts); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTracesAreReadWithTheirGaps(t *testing.T) {
	t.Parallel()
	got, err := parse(strings.NewReader(header + "\n1,1,10,0,3\n4,2,20,0,6\n7,1,1,0,1\n"))
	if err != nil {
		t.Fatal(err)
	}
	// Steps 6 and 7 are not a whole minute.
	want := map[Dimension][]float64{Input: {0, 10, 0, 0, 20, 0}, Output: {0, 3, 0, 0, 6, 0}}
	if diff := cmp.Diff(want, got.Load); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
}

func TestBadTracesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a,b\n", header + "\n1,2\n", header + "\nx,1,1,1,1\n", header + "\n1,1,x,1,1\n", header + "\n1,1,1,1,1\n1,1,1,1,1\n",
	} {
		if _, err := parse(strings.NewReader(text)); err == nil {
			t.Errorf("%q: got no error, want one", text)
		}
	}
	if _, err := ReadTraces(t.TempDir()); err == nil {
		t.Error("a folder without traces: got no error, want one")
	}
}

func TestTheEvaluationKnowsNothingOfTheProduct(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if first, _, _ := strings.Cut(strings.Trim(i.Path.Value, `"`), "/"); first == "alerter" || strings.Contains(first, ".") {
				t.Errorf("%s imports %s, want the standard library only", name, i.Path.Value)
			}
		}
	}
}
