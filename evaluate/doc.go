// Package evaluate moves alerts by one step.
//
// [Step] takes the time, the rules, what is known and the alerts as they were,
// and returns the alerts as they are, what changed, and what should be told. It
// is pure: live ticks, backtests and rule tests call the same function.
//
//	            AtLeast ≥ level            held for `for`
//	inactive ──────────────────▶ pending ────────────────▶ firing ──┐ severity moves
//	   ▲                            │                        │  ▲───┘ between levels
//	   │        not held any more   │                        │
//	   ├────────────────────────────┘                        │ clear for `keep_firing_for`
//	   │                                                     ▼
//	   └──────────────────────────────────────────────── resolved
//
// An unknown verdict moves no alert: its timers stand still, as they do while the
// service is down for long. An alert whose rule or subject is gone is withdrawn.
// What is over at once, a changed limit, fires and resolves in one step.
//
// [Records] follow each warning for an hour and count how many came true, so that
// the next one can say so. They are kept from step to step, as the alerts are.
//
// A rule kind is a [Condition] in a file of its own and an entry in kinds.
//
// What it leaves to others: joining use with limits (usage), who is told of a
// notice and in which words (notify, notify/route), keeping alerts (store).
//
// Promises kept here: a step is a function of its arguments, so that live ticks
// and replays agree; the same step twice changes nothing; no minute counts that
// is not over; what is unknown is never taken for fine; nothing ends without
// saying why.
package evaluate
