package evaluate

import (
	"errors"
	"fmt"
)

// slack is how far below a level a value still reaches it: sums of shares are
// not exact in binary, and 98 % in each of five minutes is a mean of 98 %.
const slack = 1e-9

// reaches reports whether a value is at a level or above; an unknown one is not.
func reaches(value, level float64) bool { return value >= level-slack }

// ladder is one level per severity, by Severity.Rank()-1; zero where there is none.
type ladder [3]float64

// reached is the worst severity whose level the value reaches.
func (l ladder) reached(value float64) Severity {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i] > 0 && reaches(value, l[i]) {
			return Severities[i]
		}
	}
	return None
}

// empty reports whether there is no level at all.
func (l ladder) empty() bool { return l == ladder{} }

// mildest is the index of the mildest level there is. The ladder is not empty.
func (l ladder) mildest() int {
	for i := range l {
		if l[i] > 0 {
			return i
		}
	}
	return 0
}

// most reports levels above the highest value there can be: nobody would ever
// hear of them. Why says what that value is.
func (l ladder) most(highest float64, why string) error {
	var errs []error
	for i, level := range l {
		if level > highest {
			errs = append(errs, fmt.Errorf("%s: %s is above %s, %s", Severities[i], showShare(level), showShare(highest), why))
		}
	}
	return errors.Join(errs...)
}

// check reports levels that are none or do not rise with severity. show
// writes a level as it stands in the file.
func (l ladder) check(show func(float64) string) error {
	var errs []error
	milder, floor := None, 0.0
	for i, level := range l {
		switch {
		case !(level >= 0): // NaN too
			errs = append(errs, fmt.Errorf("%s: %s is not a level", Severities[i], show(level)))
		case level == 0:
		case level <= floor:
			errs = append(errs, fmt.Errorf("%s: %s is not above %s of %s", Severities[i], show(level), show(floor), milder))
		default:
			milder, floor = Severities[i], level
		}
	}
	return errors.Join(errs...)
}
