// Package earlywarn measures warnings before 429s on recorded traffic.
//
// It is the other half of a check: a limiter, the episodes in which it rejects,
// what a usage report would have shown by then, how answers become
// notifications, and the score, all written from the description in
// docs/early-warning.md and none of it with the product's code. It has the
// baselines too, and imports nothing but the standard library.
//
//	ReadTraces ─▶ Cases ─▶ Detector.Notify, or anybody else's ─▶ Judge ─▶ Row
//
// Times are minutes since the start of a trace, in floating point, as in the
// published numbers that this reproduces to the last digit.
package earlywarn
