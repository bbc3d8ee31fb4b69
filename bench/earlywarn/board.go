package earlywarn

import (
	"fmt"
	"io"
	"strings"
)

// Row is how one detector did.
type Row struct {
	Name      string
	Threshold float64
	All       Score        // over all cases together
	Traces    []TraceScore // in the order of the cases
}

// TraceScore is a score over the cases of one trace.
type TraceScore struct {
	Trace string
	Score
}

// Rank scores whoever notify stands for. It is called once per case, and
// returns the minutes at which it notified, in rising order. Cases of short
// traces do not count.
func Rank(name string, threshold float64, cases []Case, notify func(Case) []float64) Row {
	row := Row{Name: name, Threshold: threshold}
	for _, c := range cases {
		if c.Short {
			continue
		}
		s := Judge(c, notify(c))
		row.All.Add(s)
		if n := len(row.Traces); n == 0 || row.Traces[n-1].Trace != c.Trace {
			row.Traces = append(row.Traces, TraceScore{Trace: c.Trace})
		}
		row.Traces[len(row.Traces)-1].Add(s)
	}
	return row
}

// Macro is the mean of the F1@5 of each trace: the headline.
func (r Row) Macro() float64 {
	sum := 0.0
	for _, t := range r.Traces {
		sum += t.F1()
	}
	return ratio(sum, float64(len(r.Traces)))
}

// WriteScores prints a row for each detector.
func WriteScores(w io.Writer, rows []Row) {
	fmt.Fprintln(w, "| detector | thr | recall | recall≥5min | lead p50 | lead p10 | precision | FA/day | fresh≥5 | F1@5 | macro F1@5 |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f | %.0f | %.0f | %.2f | %.2f | %.2f | %.2f | %.2f |\n", r.Name, r.Threshold,
			r.All.Recall(), r.All.EarlyRecall(), r.All.Lead(0.5), r.All.Lead(0.1), r.All.Precision(),
			r.All.FalsePerDay(), r.All.FreshRecall(), r.All.F1(), r.Macro())
	}
}

// WriteTraces prints the F1@5 and the false alarms per day and limit of each
// detector by trace.
func WriteTraces(w io.Writer, rows []Row) {
	names := []string{"detector"}
	for _, t := range rows[0].Traces {
		names = append(names, t.Trace)
	}
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	for _, r := range rows {
		cells := []string{r.Name}
		for _, t := range r.Traces {
			cells = append(cells, fmt.Sprintf("%.2f (%.2f)", t.F1(), t.FalsePerDay()))
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
}
