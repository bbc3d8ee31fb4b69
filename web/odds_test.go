package web

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/evaluate"
	"alerter/usage"
)

func TestALimitsOwnOddsStandWhileAWarningDoes(t *testing.T) {
	t.Parallel()
	id := usage.ID{OrganizationID: "org", Limiter: usage.OutputTokens}
	alert := func(state evaluate.State, severity evaluate.Severity, own *evaluate.Counted) evaluate.Alert {
		return evaluate.Alert{
			Subject: evaluate.Subject{ID: id}, State: state, Severity: severity,
			Reading: evaluate.Reading{Odds: &evaluate.Odds{Within15: 0.2, Within60: 0.4, Own: own}},
		}
	}
	table, few, many := &evaluate.Odds{Within15: 0.06, Within60: 0.21}, &evaluate.Counted{Cases: 20, Within60: 5}, &evaluate.Counted{Cases: 40, Within15: 10, Within60: 20}
	for name, c := range map[string]struct {
		alerts []evaluate.Alert
		want   *Odds
	}{
		"of the worst alert":             {[]evaluate.Alert{alert(evaluate.Firing, evaluate.Warning, many), alert(evaluate.Firing, evaluate.Info, few)}, &Odds{Within15m: 0.25, Within60m: 0.5, Cases: 40}},
		"that has any":                   {[]evaluate.Alert{alert(evaluate.Firing, evaluate.Critical, nil), alert(evaluate.Firing, evaluate.Info, few)}, &Odds{Within60m: 0.25, Cases: 20}},
		"the table where none fires":     {[]evaluate.Alert{alert(evaluate.Pending, evaluate.Warning, many)}, &Odds{Within15m: 0.06, Within60m: 0.21}},
		"the table where none are known": {[]evaluate.Alert{alert(evaluate.Firing, evaluate.Warning, nil)}, &Odds{Within15m: 0.06, Within60m: 0.21}},
	} {
		if diff := cmp.Diff(c.want, oddsOf(table, firingBySeries(c.alerts)[id].own)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := oddsOf(nil, nil); got != nil {
		t.Errorf("got %+v where nothing was counted, want nothing", got)
	}
}
