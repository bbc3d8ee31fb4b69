// Package notify delivers one message to one place.
//
// A [Channel] sends once and says what came of it: a receipt, an error that a
// retry may cure, one that says when to come back ([RetryAfter]), or one that no
// retry can cure ([Permanent]). It never retries, sleeps or touches the
// database: that is the outbox's business.
//
// The words people read are made here too, in wording*.go, from the alert's
// reading: numbers first.
package notify
