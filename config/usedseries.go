package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"alerter/usage"
)

// usedSeries reads used{organization="acme", …}: a metric as Prometheus writes it, with
// the labels of a limit. A workspace that is left out is the whole organization.
func usedSeries(text string) (usage.Labels, error) {
	var labels usage.Labels
	name, rest, found := strings.Cut(strings.TrimSpace(text), "{")
	if !found || strings.TrimSpace(name) != "used" || !strings.HasSuffix(rest, "}") {
		return labels, errors.New(`write used{organization="…", model_group="…", limiter="…"}, and a workspace where it has a limit of its own`)
	}
	rest = strings.TrimSpace(strings.TrimSuffix(rest, "}"))
	into := labelPlaces(&labels)
	for rest != "" {
		key, after, found := strings.Cut(rest, "=")
		key = strings.TrimSpace(key)
		place, known := into[key]
		quoted, err := strconv.QuotedPrefix(strings.TrimSpace(after))
		switch {
		case !found || err != nil:
			return labels, fmt.Errorf("after label %q: write name=\"value\", with commas between", key)
		case !known:
			return labels, fmt.Errorf("there is no label %q: a limit has organization, workspace, model_group and limiter", key)
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return labels, fmt.Errorf("the value of label %q is not well quoted", key)
		}
		*place = value
		delete(into, key)
		rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(after), quoted))
		if rest != "" {
			var comma bool
			if rest, comma = strings.CutPrefix(rest, ","); !comma {
				return labels, fmt.Errorf("after the value of label %q: want a comma", key)
			}
			rest = strings.TrimSpace(rest)
		}
	}
	return labels, checkLimitLabels(labels)
}

// labelPlaces are the labels of a limit by name.
func labelPlaces(l *usage.Labels) map[string]*string {
	return map[string]*string{
		"organization": &l.Organization, "workspace": &l.Workspace, "model_group": &l.ModelGroup, "limiter": &l.Limiter,
	}
}

// checkLimitLabels reports what a limit cannot be without.
func checkLimitLabels(l usage.Labels) error {
	switch {
	case l.Organization == "":
		return errors.New("organization is missing")
	case l.ModelGroup == "":
		return errors.New("model_group is missing")
	case l.Limiter == "":
		return errors.New("limiter is missing")
	case !usage.Limiter(l.Limiter).Known():
		return fmt.Errorf("limiter %q is not known%s", l.Limiter, didYouMean(l.Limiter, knownLimiters))
	case !slices.Contains(knownLimiters, l.Limiter):
		return fmt.Errorf("limiter %q cannot be watched: it is not a rate", l.Limiter)
	}
	return nil
}

// knownLimiters are those that can be watched: limits that are rates.
var knownLimiters = texts(slices.DeleteFunc(slices.Clone(usage.Limiters[:]), func(l usage.Limiter) bool { return l.Period() == 0 }))
