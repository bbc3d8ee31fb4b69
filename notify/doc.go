// Package notify delivers one message to one place.
//
// A [Channel] sends once and says what came of it: a receipt, an error that a
// retry may cure, one that says when to come back ([RetryAfter]), or one that no
// retry can cure ([Permanent]). It never retries, sleeps or touches the
// database: that is the outbox's business.
//
// The words people read are made here too: [View] turns an alert into labels and
// annotations, [Compose] turns a routed message into titles, facts and advice
// (wording*.go), numbers first, and each channel only lays them out. A message's
// JSON is complete: what was composed can be stored and sent later.
//
// A channel is a file with its settings, its checks, its constructor and Send,
// and a line in kinds. What all of them must pass is in conformance_test.go.
//
// Promises kept here: no secret leaves, in no error and no output ([Secret],
// redactor); one message keeps its id over all attempts, so that a repeat can be
// seen as one; nothing that does not fit is dropped without saying how much.
package notify
