package usage

import "time"

// Shape says what the daily peaks of a series allow to be said of its growth.
type Shape string

// The shapes of a [Trend].
const (
	Straight Shape = "straight" // a line with a weekday pattern fits
	Crooked  Shape = "crooked"  // there is history enough, and no line fits it
	Short    Shape = "short"    // the history is too short
	Sparse   Shape = "sparse"   // too many of the newest days are not known
)

// Trend is a line through the daily peaks of a series, as usage/forecast fits it:
// what the peak of a typical working day and of a typical weekend day is on the
// day Middle, and by how much both grow a day. Amounts are in the limiter's unit.
type Trend struct {
	Shape    Shape     // the other fields but From, To and Days are zero unless it is Straight
	From, To time.Time // the first and the last day that the line is of, midnight UTC
	Days     int       // how many of these days are known
	Middle   time.Time // the day in the middle of the known ones, midnight UTC
	Slope    float64   // per day
	Working  float64   // on Middle
	Weekend  float64   // on Middle; NaN where no weekend day is known
	// SlopeError is the standard error of Slope. WorkingError and WeekendError are
	// those of Working and Weekend. The three are taken to be independent, because
	// the levels are of the middle of the line.
	SlopeError, WorkingError, WeekendError float64
	// Recent is the median peak of the working days of the newest week and
	// RecentWeekend that of its weekend, whatever the shape; NaN where none is known.
	Recent, RecentWeekend float64
	// Highest is the highest Max of the newest week, whatever the shape; zero where none is known.
	Highest float64
}
