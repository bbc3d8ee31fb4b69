// Package store remembers, in one SQLite file, what the service has seen and
// decided: limits and minutes with their history, rules, alerts, and the outbox.
//
// Everything is written in transactions: [Store.Update] is the only way to
// write, [Store.View] reads one consistent moment. Inside them use only the [Tx].
// The store decides nothing: what to write, when an alert fires and what is
// sent is for others to say. Time is always an argument.
//
// Minutes are packed, one row per minute and report (pack.go); everything else
// is plain rows that `sqlite3` shows. Moments are stored as unix milliseconds:
// a finer one is cut off, a zero time.Time is NULL.
//
// Promises kept here: an Update is all of it or nothing, a crash included. A
// corrected minute keeps its earlier values with the time each was seen, so
// that [Tx.MinutesKnown] gives what was known at any moment. Writing the same
// again changes nothing. One outbox row is one message for one receiver and
// group, and what one receiver hears of one group is handed out in order.
package store
