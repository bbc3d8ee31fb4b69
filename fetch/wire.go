package fetch

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"alerter/usage"
)

// maxCount is more than anybody uses of anything in a minute: a trillion. A larger
// number is a mistake, and a day of them would not fit 64 bits.
const maxCount = 1_000_000_000_000

// A number, label or moment of a row. They never fail while they are decoded, so
// that the check after it can name the field, and they can be used again for the
// next row without new memory.
type (
	number struct {
		value int64
		state state
	}
	label struct {
		raw   []byte // the JSON
		state state
	}
	moment struct {
		at    time.Time
		state state
	}
	state uint8
)

const (
	missing state = iota // absent or null
	good
	wrongType
	impossible // negative, or absurdly large
)

// UnmarshalJSON takes a whole number.
func (n *number) UnmarshalJSON(b []byte) error {
	*n = number{state: wrongType}
	digits := b
	if string(b) == "null" {
		n.state = missing
		return nil
	}
	if len(b) > 1 && b[0] == '-' {
		digits = b[1:]
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return nil
		}
		if n.value <= maxCount {
			n.value = n.value*10 + int64(c-'0')
		}
	}
	n.state = good
	if n.value > maxCount || len(digits) < len(b) && n.value > 0 {
		*n = number{state: impossible}
	}
	return nil
}

// UnmarshalJSON takes a string or null.
func (l *label) UnmarshalJSON(b []byte) error {
	l.raw = append(l.raw[:0], b...)
	switch {
	case string(b) == "null":
		l.state = missing
	case len(b) > 1 && b[0] == '"':
		l.state = good
	default:
		l.state = wrongType
	}
	return nil
}

// UnmarshalJSON takes a time of RFC 3339.
func (m *moment) UnmarshalJSON(b []byte) error {
	*m = moment{}
	if string(b) == "null" {
		return nil
	}
	m.state = good
	if err := m.at.UnmarshalJSON(b); err != nil {
		m.state = wrongType
	}
	return nil
}

// names gives each distinct string and combination one place in memory.
type names struct {
	texts        map[string]string
	combinations map[usage.Combination]*usage.Combination
}

func newNames() names {
	return names{texts: map[string]string{}, combinations: map[usage.Combination]*usage.Combination{}}
}

// text is the string in l, empty for null.
func (n names) text(l *label) string {
	if l.state != good {
		return ""
	}
	inner := l.raw[1 : len(l.raw)-1]
	if known, ok := n.texts[string(inner)]; ok {
		return known
	}
	var s string
	if err := json.Unmarshal(l.raw, &s); err != nil {
		panic("unreachable: the decoder only hands out valid strings: " + err.Error())
	}
	s = strings.Clone(s)
	n.texts[string(inner)] = s
	return s
}

// combination is the shared pointer to c.
func (n names) combination(c usage.Combination) *usage.Combination {
	if known, ok := n.combinations[c]; ok {
		return known
	}
	shared := c // a copy of its own, so that a known one costs no memory
	n.combinations[c] = &shared
	return &shared
}

// problem says what is wrong with a field below prefix, or is nil.
func (s state) problem(prefix, field, want string, optional bool) error {
	switch {
	case s == wrongType:
		return fmt.Errorf("%s%s is not %s", prefix, field, want)
	case s == missing && !optional:
		return fmt.Errorf("%s%s is missing", prefix, field)
	}
	return nil
}
