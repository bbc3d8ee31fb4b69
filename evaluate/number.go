package evaluate

import (
	"encoding/json"
	"math"
)

// Number is a float64 that may be unknown: NaN in memory, null in JSON.
type Number float64

// Unknown is the number that is not known.
func Unknown() Number { return Number(math.NaN()) }

// Percent is a ratio in whole percent, as people are shown it everywhere: rounded,
// but below the whole at most 99. What is not known stays NaN.
func Percent(ratio float64) float64 {
	p := math.Round(ratio * 100)
	if p >= 100 && ratio < 1 {
		return 99
	}
	return p
}

// Known reports whether n is known.
func (n Number) Known() bool { return !math.IsNaN(float64(n)) }

// Rounded is n with six digits behind the point, for those who print numbers: what
// binary fractions leave behind those means nothing.
func (n Number) Rounded() Number { return Number(math.Round(float64(n)*1e6) / 1e6) }

// MarshalJSON writes null for an unknown or infinite number.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads null as unknown.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Unknown()
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*n = Number(f)
	return nil
}
