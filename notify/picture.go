package notify

import (
	"time"

	"alerter/evaluate"
	"alerter/notify/chart"
	"alerter/usage"
)

// ChartTitle says on a chart which limit it is of: Claude Opus 5 · output tokens per
// minute · workspace prod.
func ChartTitle(l usage.Labels) string {
	t := telling{alert: evaluate.Alert{Labels: l}}
	return joinWords(" · ", t.group(), t.words().rate(), t.scope(), name(l.Organization))
}

// ChartReading is how a rule reads the minutes of a series, to be drawn beside
// them; false for rules that are not about minutes.
func ChartReading(c evaluate.Condition) (chart.Reading, bool) {
	switch c := c.(type) {
	case *evaluate.Pressure:
		return chart.Reading{Window: time.Duration(c.Window), Depth: time.Duration(c.Depth), Levels: c.Levels()}, true
	case *evaluate.Threshold:
		return chart.Reading{Window: time.Duration(c.Over), Levels: c.Levels()}, true
	case *evaluate.LimitChange:
		return chart.Reading{}, true
	}
	return chart.Reading{}, false
}

// SeriesOf is the series that an alert is about; false for one about something else.
func SeriesOf(a Alert) (usage.ID, bool) {
	id := usage.ID{
		OrganizationID: a.Annotations["organization_id"], WorkspaceID: a.Annotations["workspace_id"],
		GroupID: a.Annotations["group_id"], Limiter: usage.Limiter(a.Labels["limiter"]),
	}
	return id, id.OrganizationID != "" && id.GroupID != "" && id.Limiter != ""
}
