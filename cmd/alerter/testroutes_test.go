package main

import (
	"testing"

	"alerter/notify/route"
)

func TestWhichAlertsShareAMessageIsSaid(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"alertname": "LimitPressure"}
	for _, c := range []struct {
		by   []string
		want string
	}{
		{nil, "together with all alerts of this route"},
		{[]string{"..."}, "each alert by itself"},
		{[]string{"alertname", "workspace"}, `together with alerts of the same alertname="LimitPressure", workspace (not given)`},
	} {
		v := route.Visit{Explanation: route.Explanation{Node: &route.Node{GroupBy: c.by}}}
		if got := groupWords(v, labels); got != c.want {
			t.Errorf("%v: got %q, want %q", c.by, got, c.want)
		}
	}
}
