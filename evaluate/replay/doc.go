// Package replay runs the rules and the routes over time that is known already:
// backtests and rule tests.
//
// It has no idea of its own of what fires or of who is told: [Play] calls
// evaluate.Step and route.Step as the service does at each tick, and keeps between
// steps what the service keeps in its database. [Run] walks a [History] minute by
// minute and hands [Play] what was visible by then, no more; [RunEach] hands it to
// several, such as those with other warning levels that [Variants] makes. [Collect] sums
// up what came of it, [Compare] says what two sums differ in; a [Case] compares it with
// what somebody expects.
//
// What it leaves to others: reading histories and test files (config, fetch,
// cmd/alerter), and wording messages (notify).
//
// Promises kept here: live ticks, backtests and rule tests take the same step;
// nothing from the future counts, neither minutes nor limits, but for the first
// known value of a limit, which is taken to have held before; a step shows only
// what was seen up to its moment.
package replay
