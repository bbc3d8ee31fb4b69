package evaluate

// Result is what a step leads to.
type Result struct {
	Alerts      []Alert      // all pending and firing ones, and those that ended in this step, sorted by fingerprint
	Changed     []Alert      // the subset that differs from prior by more than its reading
	Transitions []Transition // in the order of Alerts
	Notices     []Notice     // in the order of Alerts
}
