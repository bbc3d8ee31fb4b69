// Command earlywarn prints the scoreboard of docs/early-warning.md: how well the
// shipped pressure rule warns of 429s on recorded traffic, beside what people
// use today.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"alerter/bench/earlywarn"
	"alerter/bench/product"
	"alerter/evaluate"
)

func main() {
	folder := flag.String("traces", "testdata/traces", "the folder with the traces")
	flag.Parse()
	if err := write(os.Stdout, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "earlywarn:", err)
		os.Exit(1)
	}
}

// write prints the whole scoreboard as Markdown.
func write(w io.Writer, folder string) error {
	traces, err := earlywarn.ReadTraces(folder)
	if err != nil {
		return err
	}
	setting, err := product.Shipped()
	if err != nil {
		return err
	}
	cases := earlywarn.CasesOf(traces)
	fmt.Fprintln(w, "```text")
	for _, c := range cases {
		fmt.Fprintln(w, c)
	}
	fmt.Fprintln(w, "```")
	spotCheck(w, cases)
	rows := compare(cases, setting)
	fmt.Fprintln(w)
	earlywarn.WriteScores(w, rows)
	fmt.Fprintln(w, "\nBy trace, F1@5 and in brackets false alarms per day and limit:")
	fmt.Fprintln(w)
	earlywarn.WriteTraces(w, rows)
	full := earlywarn.Found{Name: "all of it was used in a minute"}
	full.Find(cases, earlywarn.Full)
	bucket := earlywarn.Found{Name: "**the bucket was three quarters empty**"}
	bucket.Find(cases, product.AtLimit)
	fmt.Fprintln(w, "\nWhere the report shows that the limit was reached:")
	fmt.Fprintln(w)
	earlywarn.WriteFound(w, full, bucket)
	return nil
}

// compare ranks the baselines, and the product twice: by the messages that are
// forecasts, and with those that say it got worse.
func compare(cases []earlywarn.Case, setting product.Setting) []earlywarn.Row {
	var rows []earlywarn.Row
	for _, d := range earlywarn.Detectors() {
		rows = append(rows, earlywarn.Rank(d.Name, d.Threshold, cases, d.Notify))
	}
	messages := map[string][]product.Message{} // by case
	ours := func(name string, reasons ...evaluate.Reason) {
		rows = append(rows, earlywarn.Rank(name, setting.Warning(), cases, func(c earlywarn.Case) []float64 {
			told, ok := messages[c.String()]
			if !ok {
				told = setting.Messages(c)
				messages[c.String()] = told
			}
			return product.Warned(told, reasons...)
		}))
	}
	ours("**`pressure` as shipped**, fired and reminded", evaluate.Fired, evaluate.Reminder)
	ours("`pressure` as shipped, escalated too", evaluate.Fired, evaluate.Reminder, evaluate.Escalated)
	return rows
}

// spotCheck scores the plain rate on one case, to compare with the published numbers.
func spotCheck(w io.Writer, cases []earlywarn.Case) {
	c, ok := earlywarn.Find(cases, "sg-team-1", earlywarn.Input, 15)
	if !ok {
		return
	}
	for _, d := range earlywarn.Detectors() {
		if d.Name == earlywarn.PlainRate {
			s := earlywarn.Judge(c, d.Notify(c))
			fmt.Fprintf(w, "\nSpot check (%s, %s, k = %d, limit %.0f, plain rate ≥ %.2f): %d episodes, %d hits, %d of them ≥5 min, %d right and %d false notifications.\n",
				c.Trace, c.Dimension, c.Scale, c.Limit, d.Threshold, s.Episodes, s.Hits, s.EarlyHits, s.Right, s.False)
		}
	}
}
