package evaluate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// ruleJSON is a rule as it is stored. The order of its fields is the order of
// the keys, which makes the text comparable.
type ruleJSON struct {
	Alert          string          `json:"alert"`
	Kind           string          `json:"kind"`
	Condition      json.RawMessage `json:"condition"`
	For            Duration        `json:"for"`
	KeepFiringFor  Duration        `json:"keep_firing_for"`
	RepeatInterval Duration        `json:"repeat_interval"`
	Match          Match           `json:"match"`
}

// MarshalJSON writes the rule with all its parameters, defaults included, always
// in the same way: two rules are the same if their JSON is. A rule without a
// condition is an error.
func (r Rule) MarshalJSON() ([]byte, error) {
	if r.Condition == nil {
		return nil, fmt.Errorf("rule %q has no kind", r.Alert)
	}
	condition, err := json.Marshal(r.Condition)
	if err != nil {
		return nil, fmt.Errorf("write the condition of rule %q: %w", r.Alert, err)
	}
	return json.Marshal(ruleJSON{
		Alert: r.Alert, Kind: r.Condition.Kind(), Condition: condition,
		For: Duration(r.For), KeepFiringFor: Duration(r.KeepFiringFor), RepeatInterval: Duration(r.RepeatInterval),
		Match: r.Match,
	})
}

// UnmarshalJSON reads what MarshalJSON writes. What is missing has the kind's
// default; unknown keys and unknown kinds are errors. It does not Check.
func (r *Rule) UnmarshalJSON(text []byte) error {
	var named struct {
		Alert string `json:"alert"`
		Kind  string `json:"kind"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		return fmt.Errorf("read a rule: %w", err)
	}
	kind, ok := KindOf(named.Kind)
	if !ok {
		return fmt.Errorf("rule %q has the unknown kind %q (known: %s)", named.Alert, named.Kind, strings.Join(Kinds(), ", "))
	}
	stored := ruleJSON{
		For: Duration(kind.For), KeepFiringFor: Duration(kind.KeepFiringFor), RepeatInterval: Duration(kind.RepeatInterval),
	}
	if err := strictJSON(text, &stored); err != nil {
		return fmt.Errorf("read rule %q: %w", named.Alert, err)
	}
	condition := kind.New()
	if len(stored.Condition) > 0 {
		if err := strictJSON(stored.Condition, condition); err != nil {
			return fmt.Errorf("read the condition of rule %q: %w", named.Alert, err)
		}
	}
	*r = Rule{
		Alert: stored.Alert, Condition: condition,
		For: time.Duration(stored.For), KeepFiringFor: time.Duration(stored.KeepFiringFor),
		RepeatInterval: time.Duration(stored.RepeatInterval), Match: stored.Match,
	}
	return nil
}

// strictJSON decodes text and refuses unknown keys.
func strictJSON(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
