// Package worker makes it happen on time: the jobs on the schedule.
//
// The jobs of one organization, each on a schedule of its own, never beside
// itself:
//
//   - limits reads names and limits, and keeps what changed ([Worker.Limits]);
//   - usage is the tick: it reads the newest minutes, and in one transaction
//     stores them, joins them with the limits, moves the alerts one step, routes
//     what changed and enqueues the messages ([Worker.Tick]); once a day it also reads
//     the daily peaks that growth is read from;
//   - attribution reads who uses the limits, by key ([Worker.Attribute]);
//   - backfill reads what is missing of the past, newest first and paced, and
//     once more the hour a day ago ([Worker.Backfill]).
//
// The jobs of the service: watch turns its troubles into alerts ([Worker.Watch]),
// rules follows changes made in the database, prune removes what is old,
// heartbeat tells a dead-man's switch that the cycles are good ([Worker.Beat]),
// mirror tells Alertmanagers what fires ([Worker.Mirror]), digest tells receivers
// that want it how limits fared since their last one ([Worker.Digest]).
// Beside them the outbox is delivered, each receiver in a lane of its own
// ([Worker.Deliver]).
//
// What may be computed is computed by usage, evaluate and notify/route; what
// people read is worded by notify; what is remembered is the store's.
//
// # Promises kept here
//
// The network comes first and never inside a transaction. A failed read does not
// end the tick: what is known is evaluated, and the stale rule speaks of the
// rest, after a restart too, though the API has not answered yet.
//
// A tick is one transaction, all of it or nothing, and counts as of that
// transaction: the time is taken inside it, whole milliseconds, later than the
// step before. What is stored between two steps is stamped with a time between
// them. So a replay of what is stored ([store.Tx.FactsKnown]) sees at each step
// what the step saw, and the same step again changes nothing. A clock that is
// set back by up to a minute is waited for; one that jumps further is believed,
// and told. Messages that were decided before such a jump keep their times.
//
// Nothing is sent that is not in the outbox and noted as begun. In a lane one
// message is under way at a time, and how that ended is recorded before the next
// one begins: whenever the process is killed, a receiver hears at most one
// message twice and none too few. Retries are rows with a later time; one that
// comes too late, or cannot succeed, is dead, and that is told by another
// receiver.
//
// One organization's trouble is never another's. After a 429 its endpoint rests
// as long as it asks for; a refused key is told at once and tried every five
// minutes, until the job that was refused is let in. A job that panics or fails
// three times in a row is reported, and the others go on. A report is chosen by
// what both answer ([usage.Choose]); the choice and why are in the status and in
// the log.
//
// A stop takes at most ten seconds: calls are cancelled, sends under way are
// finished, the rest stays in the outbox. A reload replaces the plan once the
// jobs under way have ended, or leaves the old one in force and says why; alerts
// stay, and receivers that are new to the routes hear of those that fire.
package worker
