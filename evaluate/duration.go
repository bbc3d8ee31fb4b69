package evaluate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a span written as in Prometheus: 90s, 5m, 4h, 30d, 1h30m. It is
// never negative and has whole milliseconds.
type Duration time.Duration

// unit is one of the units a duration is written in.
type unit struct {
	name  string
	span  time.Duration
	exact bool // written only where nothing would be left over
}

// durationUnits are the units of a duration in the order in which they are
// written. Years and weeks are exact, because 90d reads better than 12w6d.
// https://prometheus.io/docs/prometheus/latest/configuration/configuration/
var durationUnits = [...]unit{
	{"y", 365 * 24 * time.Hour, true},
	{"w", 7 * 24 * time.Hour, true},
	{"d", 24 * time.Hour, false},
	{"h", time.Hour, false},
	{"m", time.Minute, false},
	{"s", time.Second, false},
	{"ms", time.Millisecond, false},
}

// String is the duration as Prometheus would write it: 1h30m, 0s. One that has
// no such text is written as Go would.
func (d Duration) String() string {
	left := time.Duration(d)
	if left <= 0 || left%time.Millisecond != 0 {
		return left.String()
	}
	var b strings.Builder
	for _, u := range durationUnits {
		if u.exact && left%u.span != 0 {
			continue
		}
		if n := left / u.span; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			left %= u.span
		}
	}
	return b.String()
}

// MarshalText writes what [Duration.UnmarshalText] reads. A duration that is
// negative or finer than a millisecond is an error.
func (d Duration) MarshalText() ([]byte, error) {
	if d < 0 || time.Duration(d)%time.Millisecond != 0 {
		return nil, fmt.Errorf("%v cannot be written as a duration", time.Duration(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads numbers with units, each unit at most once and from large
// to small. A number without a unit is refused, except 0.
func (d *Duration) UnmarshalText(text []byte) error {
	written := string(text)
	switch written {
	case "":
		return errors.New(`"" is not a duration: write 90s, 5m, 1h30m or 30d`)
	case "0":
		*d = 0
		return nil
	}
	var total time.Duration
	rest, units := written, durationUnits[:]
	for rest != "" {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		name := rest[len(digits):]
		if i := strings.IndexAny(name, "0123456789"); i >= 0 {
			name = name[:i]
		}
		i := unitIndex(units, name)
		if digits == "" || i < 0 {
			return fmt.Errorf("%q is not a duration: write 90s, 5m, 1h30m or 30d", written)
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n > int64((math.MaxInt64-total)/units[i].span) {
			return fmt.Errorf("%q is too long a duration", written)
		}
		total += time.Duration(n) * units[i].span
		rest, units = rest[len(digits)+len(name):], units[i+1:]
	}
	*d = Duration(total)
	return nil
}

// unitIndex is where the unit of that name is, -1 where it is not.
func unitIndex(units []unit, name string) int {
	for i, u := range units {
		if u.name == name {
			return i
		}
	}
	return -1
}
