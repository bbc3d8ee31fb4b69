package evaluate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Share is a ratio written as 80% or 0.8; 0 to 1 and above. As text in files, as
// a number in memory. Zero is a share that was not written.
type Share float64

// maxShare is the largest share that is taken for meant: ten times the limit.
const maxShare = 10

// MarshalText writes the share in percent, as short as it can be read back:
// 85%, 92.5%. What cannot be read back is an error.
func (s Share) MarshalText() ([]byte, error) {
	if s < 0 || s > maxShare || math.IsNaN(float64(s)) {
		return nil, fmt.Errorf("%v is not a share", float64(s))
	}
	return []byte(s.String()), nil
}

// String is the share in percent: 85%.
func (s Share) String() string {
	if !(s >= 0) || math.IsInf(float64(s), 1) {
		return strconv.FormatFloat(float64(s)*100, 'g', -1, 64) + "%" // none, and no digits to move a point in
	}
	digits := strconv.FormatFloat(float64(s), 'f', -1, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	// The point moves in the text, because 0.07 × 100 is not 7 in binary.
	for len(fraction) < 2 {
		fraction += "0"
	}
	whole = strings.TrimLeft(whole+fraction[:2], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction = fraction[2:]; fraction != "" {
		whole += "." + fraction
	}
	return whole + "%"
}

// UnmarshalText reads 85% or 0.85. A share of nothing, a negative one, one above
// 1000% and anything that is not plain digits with a point is refused.
func (s *Share) UnmarshalText(text []byte) error {
	written := string(text)
	digits, percent := strings.CutSuffix(written, "%")
	negative := strings.HasPrefix(digits, "-") && isDecimal(digits[1:])
	if !negative && !isDecimal(digits) {
		return fmt.Errorf("%q is not a share: write 80%% or 0.8", written)
	}
	if percent {
		digits += "e-2"
	}
	value, err := strconv.ParseFloat(digits, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || value > maxShare:
		return fmt.Errorf("%q is more than 1000%%: write 80%% or 0.8", written)
	case err != nil:
		return fmt.Errorf("%q is not a share: %w", written, err)
	case negative || value == 0:
		return fmt.Errorf("%q is not above zero, as a share must be: write 80%% or 0.8", written)
	}
	*s = Share(value)
	return nil
}

// isDecimal reports whether text is digits with at most one point among them.
func isDecimal(text string) bool {
	whole, fraction, pointed := strings.Cut(text, ".")
	return isDigits(whole) && (!pointed || isDigits(fraction))
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
