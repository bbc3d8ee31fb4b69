package evaluate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// A limit of 1000 output tokens a minute that is used up for ten minutes warns;
// told once, it fires on.
func ExampleStep() {
	kind, _ := evaluate.KindOf("pressure")
	rules := []evaluate.Rule{{Alert: "LimitPressure", Condition: kind.New(), KeepFiringFor: kind.KeepFiringFor}}

	at := time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)
	facts := &usage.Facts{
		Settle: 5 * time.Minute,
		Series: []usage.Series{{
			ID:      usage.ID{OrganizationID: "org-1", GroupID: "rlg_opus", Limiter: usage.OutputTokens},
			Labels:  usage.Labels{Organization: "acme", ModelGroup: "Claude Opus 5", Limiter: "output_tokens_per_minute"},
			From:    at.Add(-25 * time.Minute),
			Points:  slices.Concat(slices.Repeat([]usage.Point{{Used: 200, Limit: 1000}}, 10), slices.Repeat([]usage.Point{{Used: 960, Limit: 1000}}, 10)),
			Settled: 20,
		}},
	}
	first := evaluate.Step(at, rules, facts, nil)
	for _, n := range first.Notices {
		r := n.Alert.Reading
		fmt.Printf("%s %s %s: %.2f, from %s to %s %.0f %% of the limit on average\n",
			n.Alert.Rule, n.Reason, n.Alert.Severity, r.Value, r.From.Format("15:04"), r.To.Format("15:04"), 100*r.Mean)
	}

	facts.SteppedAt = at
	second := evaluate.Step(at.Add(time.Minute), rules, facts, first.Alerts)
	fmt.Println(len(second.Alerts), "alert,", len(second.Notices), "notices")
	// Output:
	// LimitPressure fired warning: 0.87, from 10:15 to 10:25 96 % of the limit on average
	// 1 alert, 0 notices
}

// What a rule file says becomes a rule; what the store keeps of it is its JSON.
func ExampleRule_MarshalJSON() {
	rule := evaluate.Rule{
		Alert:     "HighUtilization",
		Condition: evaluate.Threshold{Warning: 0.98, Over: evaluate.Duration(5 * time.Minute)},
		For:       2 * time.Minute, KeepFiringFor: 10 * time.Minute,
		Match: evaluate.Match{Limiter: []string{"output_*"}},
	}
	text, err := json.MarshalIndent(rule, "", "  ")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(string(text))
	// Output:
	// {
	//   "alert": "HighUtilization",
	//   "kind": "threshold",
	//   "condition": {
	//     "warning": "98%",
	//     "over": "5m"
	//   },
	//   "for": "2m",
	//   "keep_firing_for": "10m",
	//   "repeat_interval": "0s",
	//   "match": {
	//     "limiter": [
	//       "output_*"
	//     ]
	//   }
	// }
}

// Read shows a series without any rule.
func ExampleRead() {
	at := time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)
	s := usage.Series{
		ID:      usage.ID{Limiter: usage.OutputTokens},
		From:    at.Add(-20 * time.Minute),
		Points:  slices.Repeat([]usage.Point{{Used: 930, Limit: 1000}}, 15),
		Settled: 15,
	}
	r := evaluate.Read(at, &s, 5*time.Minute)
	fmt.Printf("%.0f of %.0f used, pressure %.2f, as of %s\n", r.Used, r.Limit, r.Pressure, r.DataAsOf.Format("15:04"))
	fmt.Printf("429s within an hour: %.0f %%\n", 100*r.Odds.Within60)

	fmt.Println(evaluate.Read(at.Add(10*time.Minute), &s, 5*time.Minute).Pressure.Known())
	// Output:
	// 930 of 1000 used, pressure 0.87, as of 10:25
	// 429s within an hour: 21 %
	// false
}

func ExampleMatch_Accepts() {
	m := evaluate.Match{Workspace: []string{"pay*"}, Limiter: []string{"*_tokens_per_minute"}}
	fmt.Println(m.Accepts(usage.Labels{Workspace: "payments", Limiter: "output_tokens_per_minute"}))
	fmt.Println(m.Accepts(usage.Labels{Workspace: "", Limiter: "output_tokens_per_minute"}))
	// Output:
	// true
	// false
}
