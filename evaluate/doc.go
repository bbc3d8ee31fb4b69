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
// An unknown verdict moves no alert: its timers stand still. An alert whose rule
// or subject is gone is withdrawn.
//
// A rule kind is a [Condition] in a file of its own and a line in kinds.
package evaluate
