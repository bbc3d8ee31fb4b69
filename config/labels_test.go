package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesThatNothingHasAreWarnedOf(t *testing.T) {
	t.Parallel()
	c, err := LoadBytes("rules.yaml", []byte(`organizations: [{admin_key: "${ANTHROPIC_ADMIN_KEY}"}]
receivers: [{name: console, console: {}}]
rules:
  - alert: LimitPressure
    pressure: {}
    match:
      limiter:
        - output_tokens_per_minute
        - "*_tokens_per_minute*"
        - ""
        - output_token_per_minute
        - "input_tokens_per_min?"
        - "*images*"
  - alert: DataStale
    stale: {}
    match: {limiter: request_per_minute}
route:
  receiver: console
  routes:
    - {matchers: ['alertname=~"Limit.*|Data.*"', limiter!="", 'limiter=~".*tokens.*"'], continue: true}
    - {matchers: [alertname="LimitPresure"], continue: true}
    - {matchers: ['alertname=~"Limit"'], continue: true}
    - {matchers: [limiter="output_token_per_minute"], continue: true}
    - {matchers: ['limiter!~"images.*"'], continue: true}
`), environment)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`rules.yaml:11:11: "output_token_per_minute" matches no limiter that is known (did you mean "output_tokens_per_minute"?)`,
		`rules.yaml:12:11: "input_tokens_per_min?" matches no limiter that is known (did you mean "input_tokens_per_minute"?)`,
		`rules.yaml:13:11: "*images*" matches no limiter that is known`,
		`rules.yaml:16:22: "request_per_minute" matches no limiter that is known (did you mean "requests_per_minute"?)`,
		`rules.yaml:21:19: alertname="LimitPresure" matches no rule of this file (did you mean "LimitPressure"?)`,
		`rules.yaml:22:19: alertname=~"Limit" matches no rule of this file (did you mean "LimitPressure"?); an expression must match the whole value`,
		`rules.yaml:23:19: limiter="output_token_per_minute" matches no limiter that is known (did you mean "output_tokens_per_minute"?)`,
		`rules.yaml:24:19: limiter!~"images.*" leaves out no limiter that is known; an expression must match the whole value`,
	}
	if diff := cmp.Diff(want, c.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
