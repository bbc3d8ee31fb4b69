package usage

import "time"

// Limiter is the Rate Limits API's own type string of one limit. The set is
// open: an unknown string is kept, shown and reported, never guessed.
type Limiter string

// The limiters the Rate Limits API is known to return. What each counts is
// described at [Limiter.Used].
const (
	RequestsPerMinute         Limiter = "requests_per_minute"
	InputTokensCacheAware     Limiter = "input_tokens_per_minute_cache_aware" //nolint:gosec // no credential: these tokens are pieces of text
	InputTokens               Limiter = "input_tokens_per_minute"             //nolint:gosec // no credential: these tokens are pieces of text
	OutputTokens              Limiter = "output_tokens_per_minute"            //nolint:gosec // no credential: these tokens are pieces of text
	TokensPerMinute           Limiter = "tokens_per_minute"                   //nolint:gosec // no credential: these tokens are pieces of text
	TokensPerDay              Limiter = "tokens_per_day"                      //nolint:gosec // no credential: these tokens are pieces of text
	FastInputTokensCacheAware Limiter = "fast_itpmca"
	FastOutputTokens          Limiter = "fast_otpm"
	ToolUsesPerSecond         Limiter = "tool_uses_per_second"
	EnqueuedBatchRequests     Limiter = "enqueued_batch_requests"
)

// Limiters lists the limiters that are known, those of common groups first.
var Limiters = [...]Limiter{
	RequestsPerMinute, InputTokensCacheAware, InputTokens, OutputTokens, TokensPerMinute, TokensPerDay,
	FastInputTokensCacheAware, FastOutputTokens, ToolUsesPerSecond, EnqueuedBatchRequests,
}

// The types of limit groups. The set is open, as that of limiters is.
const (
	ModelGroup      = "model_group"
	BatchGroup      = "batch"
	TokenCountGroup = "token_count"
	FilesGroup      = "files"
	SkillsGroup     = "skills"
	WebSearchGroup  = "web_search"
)

// Known reports whether it is known what l counts. An unknown limiter is shown
// with its value and joined with nothing.
func (l Limiter) Known() bool {
	return l.Period() != 0 || l == EnqueuedBatchRequests
}

// Period is the span the limit's value is for: a minute, a second or a day;
// zero for a limiter that is unknown or not a rate.
func (l Limiter) Period() time.Duration {
	switch l {
	case RequestsPerMinute, InputTokensCacheAware, InputTokens, OutputTokens,
		TokensPerMinute, FastInputTokensCacheAware, FastOutputTokens:
		return time.Minute
	case ToolUsesPerSecond:
		return time.Second
	case TokensPerDay:
		return 24 * time.Hour
	}
	return 0
}
