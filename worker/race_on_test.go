//go:build race

package worker

// underRace reports whether the race detector looks on, which makes the long tables
// ten times slower: some of each are enough for it, and all of them run without it.
const underRace = true
