package chart

import (
	"math"
	"time"
)

const (
	leastTop = 1.12 // of the share axis: the limit is always on it, with room above
	mostTop  = 3    // what is above is cut off; the legend says how high it got
)

// topOf is the upper end of the share axis.
func topOf(lines []Line) float64 {
	top := leastTop
	for _, l := range lines {
		if highest, _ := peak(l.Values); highest*1.05 > top {
			top = highest * 1.05
		}
	}
	return min(top, mostTop)
}

// shareTicks are the shares that have a line and a label.
func shareTicks(top float64) []float64 {
	step := 0.25
	switch {
	case top > 2.2:
		step = 1
	case top > 1.3:
		step = 0.5
	}
	var ticks []float64
	for share := 0.0; share <= top; share += step {
		ticks = append(ticks, share)
	}
	return ticks
}

// timeSteps are the distances that labels on the time axis may have.
var timeSteps = []time.Duration{
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 2 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour, 28 * 24 * time.Hour,
}

// timeTicks are at most n moments of the time axis to be labelled, at times people
// expect: full hours, midnights. n is 1 at least.
func timeTicks(from, to time.Time, n int) (ticks []time.Time, step time.Duration) {
	step = timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if int(to.Sub(from)/s) < n {
			step = s
			break
		}
	}
	for int(to.Sub(from)/step) >= n {
		step *= 2
	}
	// The zero time is a Monday's midnight, so that steps of weeks begin on Mondays.
	for at := from.Truncate(step); !at.After(to); at = at.Add(step) {
		if !at.Before(from) {
			ticks = append(ticks, at)
		}
	}
	return ticks, step
}

// timeLabel is what stands below a tick: midnights have the date.
func timeLabel(at time.Time, step time.Duration) string {
	if step >= 24*time.Hour || at.Truncate(24*time.Hour).Equal(at) {
		return at.Format("2 Jan")
	}
	return at.Format("15:04")
}

// plot is where the lines are drawn.
type plot struct {
	box
	chart *Chart
	top   float64 // the share at the upper end
}

// x is where a moment is, within the plot.
func (p *plot) x(at time.Time) float64 {
	share := float64(at.Sub(p.chart.From)) / float64(p.chart.To.Sub(p.chart.From))
	return p.left + min(max(share, 0), 1)*(p.right-p.left)
}

// y is where a share is, within the plot.
func (p *plot) y(share float64) float64 {
	return p.bottom - min(max(share/p.top, 0), 1)*(p.bottom-p.box.top)
}

// steps are the corners of a run of columns: each is as wide as its minutes.
func (p *plot) steps(values []float64, r run) []point {
	var path []point
	width := p.chart.minute(p.chart.minutes()).Sub(p.chart.From)
	for i := r.first; i < r.end; i++ {
		from := p.chart.From.Add(width * time.Duration(i) / time.Duration(len(values)))
		to := p.chart.From.Add(width * time.Duration(i+1) / time.Duration(len(values)))
		y := p.y(values[i])
		path = append(path, point{p.x(from), y}, point{p.x(to), y})
	}
	return path
}

// columns is how many columns of pixels there are.
func (p *plot) columns() int { return max(1, int(math.Floor(p.right-p.left))) }
