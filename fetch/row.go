package fetch

import (
	"cmp"
	"fmt"
	"time"

	"alerter/usage"
)

// wireCounts is the numbers of a row, in both reports.
// https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report
type wireCounts struct {
	Requests      number `json:"requests"`     // analytics/usage only; null: not counted
	Total         number `json:"total_tokens"` // analytics/usage only
	Uncached      number `json:"uncached_input_tokens"`
	CacheCreation struct {
		H1 number `json:"ephemeral_1h_input_tokens"`
		M5 number `json:"ephemeral_5m_input_tokens"`
	} `json:"cache_creation"`
	CacheRead     number `json:"cache_read_input_tokens"`
	Output        number `json:"output_tokens"`
	ServerToolUse struct {
		WebSearches number `json:"web_search_requests"`
	} `json:"server_tool_use"`
}

// wireLabels is the dimensions of a row that are asked for, in both reports.
type wireLabels struct {
	Model       label `json:"model"`
	WorkspaceID label `json:"workspace_id"`
	APIKeyID    label `json:"api_key_id"`
	ServiceTier label `json:"service_tier"`
	Speed       label `json:"speed"`
	Product     label `json:"product"` // analytics/usage only
}

// analyticsRow is a row of analytics/usage.
type analyticsRow struct {
	StartingAt moment     `json:"starting_at"`
	EndingAt   moment     `json:"ending_at"`
	Group      wireLabels `json:"group"`
	Usage      wireCounts `json:"usage"`
}

// reportRow is one of a bucket's results in usage_report/messages.
type reportRow struct {
	wireLabels
	wireCounts
}

// reset makes the row ready for the next, keeping the labels' memory.
func (l *wireLabels) reset() {
	for _, each := range []*label{&l.Model, &l.WorkspaceID, &l.APIKeyID, &l.ServiceTier, &l.Speed, &l.Product} {
		each.state = missing
	}
}

// check names the first dimension that is not a string, below the field prefix.
func (l *wireLabels) check(prefix string) error {
	return cmp.Or(
		l.Model.state.problem(prefix, "model", "a string", true),
		l.WorkspaceID.state.problem(prefix, "workspace_id", "a string", true),
		l.APIKeyID.state.problem(prefix, "api_key_id", "a string", true),
		l.ServiceTier.state.problem(prefix, "service_tier", "a string", true),
		l.Speed.state.problem(prefix, "speed", "a string", true),
		l.Product.state.problem(prefix, "product", "a string", true),
	)
}

func (l *wireLabels) combination(n names) *usage.Combination {
	return n.combination(usage.Combination{
		Model:       n.text(&l.Model),
		WorkspaceID: n.text(&l.WorkspaceID),
		ServiceTier: n.text(&l.ServiceTier),
		Speed:       n.text(&l.Speed),
		Product:     n.text(&l.Product),
		APIKeyID:    n.text(&l.APIKeyID),
	})
}

// check names the first number that is missing or not one, below the field prefix.
func (w *wireCounts) check(prefix string) error {
	const want = "a whole number"
	return cmp.Or(
		w.Requests.state.problem(prefix, "requests", want, true),
		w.Total.state.problem(prefix, "total_tokens", want, true),
		w.Uncached.state.problem(prefix, "uncached_input_tokens", want, false),
		w.CacheCreation.M5.state.problem(prefix, "cache_creation.ephemeral_5m_input_tokens", want, false),
		w.CacheCreation.H1.state.problem(prefix, "cache_creation.ephemeral_1h_input_tokens", want, false),
		w.CacheRead.state.problem(prefix, "cache_read_input_tokens", want, false),
		w.Output.state.problem(prefix, "output_tokens", want, false),
		w.ServerToolUse.WebSearches.state.problem(prefix, "server_tool_use.web_search_requests", want, true),
	)
}

// impossible reports whether some number is negative or absurd.
func (w *wireCounts) impossible() bool {
	for _, s := range []state{w.Requests.state, w.Total.state, w.Uncached.state, w.CacheCreation.M5.state,
		w.CacheCreation.H1.state, w.CacheRead.state, w.Output.state, w.ServerToolUse.WebSearches.state} {
		if s == impossible {
			return true
		}
	}
	return false
}

// counts is what was used, and whether the report's own total agrees with it.
func (w *wireCounts) counts() (_ usage.Counts, adds bool) {
	c := usage.Counts{
		Requests:      usage.RequestsUnknown,
		UncachedInput: w.Uncached.value,
		CacheWrite5m:  w.CacheCreation.M5.value,
		CacheWrite1h:  w.CacheCreation.H1.value,
		CacheRead:     w.CacheRead.value,
		Output:        w.Output.value,
		WebSearches:   w.ServerToolUse.WebSearches.value,
	}
	if w.Requests.state == good {
		c.Requests = w.Requests.value
	}
	sum := c.UncachedInput + c.CacheWrite5m + c.CacheWrite1h + c.CacheRead + c.Output
	return c, w.Total.state != good || w.Total.value == sum
}

// minuteOf is the minute of a bucket, or says why it is not one.
func minuteOf(from, to moment) (time.Time, error) {
	if err := cmp.Or(
		from.state.problem("", "starting_at", "a time", false),
		to.state.problem("", "ending_at", "a time", false),
	); err != nil {
		return time.Time{}, err
	}
	start := from.at.UTC()
	if width := to.at.Sub(from.at); width != time.Minute {
		return time.Time{}, fmt.Errorf("the bucket of %s is %s wide, not a minute", start.Format(time.RFC3339), width)
	}
	if !start.Equal(start.Truncate(time.Minute)) {
		return time.Time{}, fmt.Errorf("the bucket of %s does not begin with a minute", start.Format(time.RFC3339Nano))
	}
	return start, nil
}
