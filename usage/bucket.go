package usage

import "time"

// RequestsUnknown is the value of [Counts.Requests] where the source does not
// count requests. It is not zero: a requests limit cannot be read from it.
const RequestsUnknown int64 = -1

// Counts is what was used: tokens by kind, accepted requests and web searches.
// Sums over a day exceed 32 bits.
type Counts struct {
	Requests      int64 // accepted API requests, or RequestsUnknown
	UncachedInput int64 // input tokens neither read from nor written to the cache
	CacheWrite5m  int64 // input tokens written to the five-minute cache
	CacheWrite1h  int64 // input tokens written to the one-hour cache
	CacheRead     int64 // input tokens read from the cache
	Output        int64 // output tokens
	WebSearches   int64 // web searches made by the model
}

// Combination is what the usage report is grouped by. An empty string is the
// report's null, or a dimension that the source does not have.
type Combination struct {
	Model       string // as the report spells it: an id or an alias; empty for code execution
	WorkspaceID string // wrkspc_…, the default workspace's real id included; empty: usage outside workspaces
	ServiceTier string // standard, batch, priority, …
	Speed       string // standard or fast
	Product     string // messages_api, message_batches_api, claude_code, …; empty also where the source has none
	APIKeyID    string // apikey_…; set only in the attribution report (SourceKeys)
}

// Bucket is what one combination used in one minute.
type Bucket struct {
	// Of points to a shared, never modified combination, so that a day of
	// minutes holds each combination once. Two pointers may name the same
	// combination; compare the values.
	Of *Combination
	Counts
}

// Minute is one organization's minute as one report showed it when it was last
// read in full. A combination without a bucket used nothing the report knew of
// by then; whether that is a real zero is [Window]'s business.
type Minute struct {
	Start   time.Time // UTC, a whole minute
	ReadAt  time.Time // when the answer that holds it was asked for
	Source  SourceKind
	Buckets []Bucket
}
