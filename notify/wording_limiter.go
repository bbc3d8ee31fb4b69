package notify

import (
	"strings"

	"alerter/usage"
)

// limiterWords is how people speak of a limiter.
type limiterWords struct {
	what   string // what is counted: "output tokens"
	per    string // "per minute"; empty where it is not a rate
	unit   string // behind an amount: "tokens/min"
	limit  string // "output limit"
	remark string // what is easily mistaken about it, in brackets behind the name
	advice []string
}

// Batches have limits of their own and do not count against these:
// https://platform.claude.com/docs/en/api/rate-limits
const (
	adviseBatch  = "Move work that can wait to the Message Batches API: it has limits of its own."
	adviseSpread = "Spread the load: send evenly over the minute, and queue instead of retrying at once."
	adviseCache  = "Cache more of what repeats in prompts: reads from the cache do not count against this limit."
	adviseSlim   = "Send less per request: this limit counts cache reads too, so caching does not help, shorter prompts do."
	adviseOutput = "Ask for shorter answers: only tokens really written count, max_tokens does not."
	adviseFewer  = "Put more into each request, or move work that can wait to the Message Batches API: it has limits of its own."
	adviseFast   = "Send what is less urgent at standard speed: it has limits of its own."
	adviseDay    = "Put off what can wait: this limit counts the last 24 hours, so room comes back only slowly."
	adviseTools  = "Lower max_uses of the web search tool, or search in fewer requests at once."
	adviseQueue  = "Let batches finish before sending new ones: what waits in them counts until it is done."
)

// wordsOf describes a limiter. The set is open: an unknown one goes by its own name.
func wordsOf(l usage.Limiter) limiterWords {
	const perMinute, tokens = "per minute", "tokens/min"
	switch l {
	case usage.RequestsPerMinute:
		return limiterWords{"requests", perMinute, "requests/min", "request limit", "", []string{adviseFewer, adviseSpread}}
	case usage.InputTokensCacheAware:
		return limiterWords{"input tokens", perMinute, tokens, "input limit", "cache reads not counted", []string{adviseCache, adviseBatch, adviseSpread}}
	case usage.InputTokens:
		return limiterWords{"input tokens with cache reads", perMinute, tokens, "input limit", "cache reads counted", []string{adviseSlim, adviseBatch, adviseSpread}}
	case usage.OutputTokens:
		return limiterWords{"output tokens", perMinute, tokens, "output limit", "", []string{adviseBatch, adviseOutput, adviseSpread}}
	case usage.TokensPerMinute:
		return limiterWords{"tokens", perMinute, tokens, "token limit", "input and output; whether cache reads count is not documented", []string{adviseBatch, adviseSpread}}
	case usage.TokensPerDay:
		return limiterWords{"tokens", "per day", "tokens/day", "daily token limit", "input and output; whether cache reads count is not documented", []string{adviseDay, adviseBatch}}
	case usage.FastInputTokensCacheAware:
		return limiterWords{"fast-mode input tokens", perMinute, tokens, "fast-mode input limit", "cache reads not counted", []string{adviseFast, adviseCache}}
	case usage.FastOutputTokens:
		return limiterWords{"fast-mode output tokens", perMinute, tokens, "fast-mode output limit", "", []string{adviseFast, adviseOutput}}
	case usage.ToolUsesPerSecond:
		return limiterWords{"tool uses", "per second", "uses/s", "tool-use limit", "a mean over the minute", []string{adviseTools}}
	case usage.EnqueuedBatchRequests:
		return limiterWords{"batch requests waiting", "", "requests", "batch queue limit", "", []string{adviseQueue}}
	}
	return limiterWords{what: name(string(l)), limit: name(string(l)) + " limit", advice: []string{adviseSpread}}
}

// rate is what is counted and per which time: "output tokens per minute".
func (w limiterWords) rate() string { return strings.TrimSpace(w.what + " " + w.per) }

// full is the limiter with what is easily mistaken about it.
func (w limiterWords) full() string {
	if w.remark == "" {
		return w.rate()
	}
	rate := w.rate()
	if w.what == "input tokens with cache reads" {
		rate = "input tokens per minute"
	}
	return rate + " (" + w.remark + ")"
}
