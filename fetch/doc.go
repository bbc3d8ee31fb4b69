// Package fetch reads the Claude Admin API and turns its pages into usage values:
// names, rate limits, and what was used minute by minute.
//
// One [Client] is one organization. Requests go through the vendor's SDK; answers
// are decoded here, row by row from the stream, because the SDK's own types turn
// nulls and wrong types into zeros and hold a page three times over. Nothing of a
// page counts until the whole page has been read and its JSON was closed.
//
// What can go wrong has one of four shapes. A [StatusError] is an answer with
// another status than 200; [StatusError.KeyRefused] and [StatusError.Refused] say
// what it means, and [RestFor] how long the endpoint should be left alone. An
// answer that cannot be trusted (cut off, HTML, a wrong type, a bucket that is not
// a minute) is an error that names the spot, and nothing of the call is returned.
// A single impossible row is left out, counted in [Answer.SkippedRows] and
// described in [Answer.Notes]. And a deadline is the context's.
//
// What it leaves to others: when to ask, which source to believe, how fast to page
// ([Query.BeforePage]), and keeping what was read (worker, store). It does not log.
//
// Promises kept here: the key is in the header that carries it and nowhere else,
// no error included, whatever the server sends back; it is never sent to another
// host; no environment variable of the SDK takes part; unknown is never zero
// ([usage.RequestsUnknown]); the same rows give the same values whichever page
// they came on.
package fetch
