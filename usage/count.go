package usage

// batchTier and batchProduct mark usage inside message batches, which have
// limits of their own and consume none of the others:
// https://platform.claude.com/docs/en/build-with-claude/batch-processing
const (
	batchTier    = "batch"
	batchProduct = "message_batches_api"
)

// fastSpeed marks fast mode, whose tokens have limits of their own:
// https://platform.claude.com/docs/en/build-with-claude/fast-mode
const fastSpeed = "fast"

// sum is one of the ways in which counts are added up.
type sum uint8

const (
	sumRequests  sum = iota
	sumNewInput      // input but what came from the cache
	sumInput         // all input
	sumOutput        // output
	sumTokens        // input and output but what came from the cache
	sumAllTokens     // input and output
	sumSearches      // web searches
	sumKinds     = iota
)

// sum is what l adds up; false for a limiter whose use no report shows.
func (l Limiter) sum() (sum, bool) {
	switch l {
	case RequestsPerMinute:
		return sumRequests, true
	case InputTokensCacheAware, FastInputTokensCacheAware:
		return sumNewInput, true
	case InputTokens:
		return sumInput, true
	case OutputTokens, FastOutputTokens:
		return sumOutput, true
	case TokensPerMinute, TokensPerDay:
		return sumTokens, true
	case ToolUsesPerSecond:
		return sumSearches, true
	}
	return 0, false
}

// counts reports whether l counts what c uses at all.
func (l Limiter) counts(c Combination) bool {
	if c.ServiceTier == batchTier || c.Product == batchProduct {
		return false
	}
	switch l {
	case FastInputTokensCacheAware, FastOutputTokens:
		return c.Speed == fastSpeed
	case InputTokensCacheAware, InputTokens, OutputTokens, TokensPerMinute, TokensPerDay:
		return c.Speed != fastSpeed
	case RequestsPerMinute:
		// Code execution has neither model nor product; its "requests" are spans.
		return c.Model != "" || c.Product != ""
	}
	return l == ToolUsesPerSecond
}

// Used is what l counts of one bucket. The second result is false where l does
// not count such a bucket at all: everything inside batches, fast mode in the
// standard token limiters and standard speed in the fast ones, code execution
// in requests, and any bucket for a limiter that no report shows. Whether the
// bucket's model belongs to the limit's group is for the caller to know.
//
//	requests_per_minute                 accepted requests, fast mode included
//	input_tokens_per_minute_cache_aware uncached input and cache writes
//	input_tokens_per_minute             the same and cache reads
//	output_tokens_per_minute            output
//	tokens_per_minute, tokens_per_day   uncached input, cache writes and output
//	fast_itpmca, fast_otpm              as their standard twins, of fast mode only
//	tool_uses_per_second                web searches in the bucket's minute, to be divided by 60
//
// Service tiers but batch count alike. Requests that the source does not count
// are [RequestsUnknown], never zero. The first two input limiters differ by
// what the vendor says of them, the rest follows from their names:
// https://platform.claude.com/docs/en/api/rate-limits
func (l Limiter) Used(b Bucket) (used int64, counts bool) {
	var of Combination
	if b.Of != nil {
		of = *b.Of
	}
	kind, known := l.sum()
	if !known || !l.counts(of) {
		return 0, false
	}
	return b.sums()[kind], true
}

// sums is every way to add up c, by sum.
func (c *Counts) sums() [sumKinds]int64 {
	fresh := c.UncachedInput + c.CacheWrite5m + c.CacheWrite1h
	return [sumKinds]int64{
		sumRequests:  c.Requests,
		sumNewInput:  fresh,
		sumInput:     fresh + c.CacheRead,
		sumOutput:    c.Output,
		sumTokens:    fresh + c.Output,
		sumAllTokens: fresh + c.CacheRead + c.Output,
		sumSearches:  c.WebSearches,
	}
}
