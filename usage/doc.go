// Package usage says what was used of what is allowed.
//
// It joins the minutes of the usage report with the configured rate limits into
// one [Series] per (organization or workspace, model group, limiter), each
// minute beside the limit that was in force in that minute. It is pure: no
// clock, no I/O, no log. Every moment it needs is an argument.
//
// [Apply] keeps the limits' history, [Choose] and [Merge] settle which of two
// reports counts, [Join] makes the series, [Pressure] reads one as a token bucket
// would, [DayPeaks] says how high each came in a day, and [Consumers] says who is
// behind it.
//
// What it leaves to others: where minutes and limits come from (fetch), keeping
// them (store), and whether a reading is bad (evaluate).
//
// Promises kept here: each limiter counts its own sum and no other; an unknown
// value is NaN and never zero; nothing that cannot be joined is dropped, it is
// returned in [Unmatched].
package usage
