//go:build !race

package worker

// underRace reports whether the race detector looks on.
const underRace = false
