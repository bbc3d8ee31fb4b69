package notify

import (
	"fmt"
	"strings"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// consumers lists the three who use most of the limit.
func (t telling) consumers() []Fact {
	if t.over() {
		return nil
	}
	var top []Fact
	for _, c := range t.alert.Reading.Top[:min(len(t.alert.Reading.Top), 3)] {
		top = append(top, Fact{Name: percent(c.Share), Value: strings.TrimSpace(c.Kind + " " + name(consumerName(c)))})
	}
	return top
}

// consumerName is the name of a consumer, or its id.
func consumerName(c usage.Consumer) string {
	if c.Name != "" {
		return c.Name
	}
	if c.ID != "" {
		return c.ID
	}
	return "without a name"
}

// consumersInLine writes consumers in one line: workspace prod 61 %, key ci 20 %.
func consumersInLine(top []Fact) string {
	parts := make([]string, 0, len(top))
	for _, c := range top {
		parts = append(parts, c.Value+" "+c.Name)
	}
	return strings.Join(parts, ", ")
}

// advice lists what to do, at most four things, the most useful first.
func (t telling) advice() []string {
	switch {
	case t.over():
		return nil
	case t.alert.Kind == kindLimitChange:
		return t.changeAdvice()
	case t.grows():
		return t.growthAdvice()
	case t.alert.Kind == kindStale:
		return t.staleAdvice()
	case !t.measures():
		return t.service().advice
	}
	var advice []string
	if one := t.biggest(); one != "" {
		advice = append(advice, one)
	}
	forLimiter := t.words().advice
	advice = append(advice, forLimiter[:min(len(forLimiter), 3-len(advice))]...)
	if t.alert.Labels.Workspace != "" {
		return append(advice, "If the organization's limit has room, raise this workspace's own limit in the Console.")
	}
	return append(advice, "If this is the new normal, ask for a higher limit in the Console under Limits.")
}

// staleAdvice lists what to do where usage data are old.
func (t telling) staleAdvice() []string {
	if strings.HasPrefix(t.alert.Reading.Detail, evaluate.LastReadFailed) {
		return []string{
			"Watch the limits on the Console's usage page until reading works again; it is tried again by itself.",
			"If it is not the API's own trouble, check the key, and that this machine reaches the Admin API: network, DNS, proxy, firewall.",
		}
	}
	return []string{
		"Look at the Console's usage page, and do not take the quiet for good news: if it shows newer usage, watch the limits there until the report has caught up.",
		"If nothing is being used, nothing is wrong: where quiet hours are usual, give this rule later levels.",
	}
}

// biggest advises to look at whoever uses more than half, where there are others.
func (t telling) biggest() string {
	if len(t.alert.Reading.Top) < 2 {
		return ""
	}
	top := t.alert.Reading.Top[0]
	if top.Share < 0.5 {
		return ""
	}
	who := strings.TrimSpace(top.Kind + " " + name(consumerName(top)))
	if top.Kind == "workspace" && t.alert.Labels.Workspace == "" {
		return fmt.Sprintf("Begin with %s (%s): slow it down, or give it a lower limit of its own so that the others keep room.", who, percent(top.Share))
	}
	return fmt.Sprintf("Begin with %s (%s).", who, percent(top.Share))
}

// changeAdvice says what a change of limits asks for.
func (t telling) changeAdvice() []string {
	c := t.alert.Reading.Change
	if c == nil {
		return nil
	}
	switch c.Kind {
	case usage.LimitLowered, usage.OverrideAdded:
		return []string{
			"Fit the pacing of your clients to the new limit before the next peak.",
			"If nobody here meant this change, ask your account team.",
		}
	case usage.LimitRaised, usage.LimitAdded:
		return []string{"Alerts count against the new value from now on; limits in your own clients or gateways may want the same change."}
	case usage.LimitRemoved:
		return []string{
			"Nothing is held against this limit any more, and no alert tells of it; limits in your own clients or gateways may want the same change.",
			"If nobody here expected this, ask your account team.",
		}
	case usage.OverrideRemoved:
		return []string{"Only the organization's own limit of this kind, if it has one, holds for this workspace from now on."}
	case usage.ModelMoved:
		return []string{"The model's use now counts with the others of this group: check that their sum fits."}
	}
	return nil
}

// rule names the rule and the level that counted: at the present severity, and at
// the worst one of an episode that is over.
func (t telling) rule() string {
	called, severity, threshold := name(t.alert.Rule), t.alert.Severity, t.alert.Reading.Threshold
	if t.over() {
		severity, threshold = t.alert.Worst, evaluate.Unknown()
		if severity != evaluate.None {
			threshold = t.alert.Reached[severity.Rank()-1].Level
		}
	}
	if !threshold.Known() || threshold == 0 || severity == evaluate.None || t.reason == evaluate.ReasonWithdrawn {
		return called
	}
	switch at := float64(threshold); t.alert.Kind {
	case kindPressure:
		return fmt.Sprintf("%s: %s at %s %s", called, severity, level(at), t.ofAll())
	case kindThreshold:
		return fmt.Sprintf("%s: %s at %s of the limit on average", called, severity, level(at))
	case kindStale:
		return fmt.Sprintf("%s: %s after %s", called, severity, span(asSpan(at)))
	case kindGrowth:
		return fmt.Sprintf("%s: %s at %s days left", called, severity, plainNumber(at))
	}
	return called
}

// asSpan is a reading in seconds as a span.
func asSpan(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
