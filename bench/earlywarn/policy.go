package earlywarn

const (
	// Lag is how many minutes after its end a minute becomes visible.
	Lag = 5

	repeatAfter = 60 // minutes between two notifications while the answer is yes
	closeAfter  = 15 // minutes without a yes that a warning survives
)

// Detector reads pressure of some kind from what is visible.
type Detector struct {
	Name      string
	Threshold float64 // a reading of this much and more is a yes
	// New starts it on a new case. The function it returns is called once for
	// every minute, in order, with all that is visible so far, oldest first, in
	// units of the limit; it may keep state.
	New func() func(visible []float64) float64
}

// Notify asks the detector at every whole minute of the case and returns the
// minutes at which it notifies.
func (d Detector) Notify(c Case) []float64 {
	read := d.New()
	var p policy
	var told []float64
	for at := Lag + 1; at < len(c.Usage); at++ {
		yes := read(c.Usage[:at-Lag]) >= d.Threshold
		if float64(at) >= c.WarmUp && p.tells(at, yes) {
			told = append(told, float64(at))
		}
	}
	return told
}

// policy turns answers into notifications, the same for every detector.
type policy struct {
	open    bool
	lastYes int
	told    int
}

// tells takes the answer of a minute and reports whether it is told.
func (p *policy) tells(at int, yes bool) bool {
	if !yes {
		p.open = p.open && at-p.lastYes <= closeAfter
		return false
	}
	p.lastYes = at
	if p.open && at-p.told < repeatAfter {
		return false
	}
	p.open, p.told = true, at
	return true
}
