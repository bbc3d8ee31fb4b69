// Package worker makes it happen on time: the jobs on the schedule.
//
// A tick reads the usage report, then in one transaction stores what came,
// joins it with the limits, moves the alerts one step, routes what changed and
// enqueues the messages. Deliver takes what is due from the outbox and sends it.
// The other jobs read limits and names, fill the past in, watch the service
// itself, prune, and ping the heartbeat.
//
// The network comes first and never inside the transaction; nothing is sent
// that is not in the outbox. What may be computed is computed by usage,
// evaluate and notify/route; what people read is worded by notify.
package worker
