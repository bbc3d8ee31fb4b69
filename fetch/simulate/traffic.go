package simulate

import "time"

// Counts is what one stream used in one minute.
type Counts struct {
	Requests     int64
	Uncached     int64 // input tokens neither read from nor written to the cache
	CacheWrite5m int64
	CacheWrite1h int64
	CacheRead    int64
	Output       int64
	WebSearches  int64
}

// Tokens is the sum over all kinds of tokens, cache reads included.
func (c Counts) Tokens() int64 {
	return c.Uncached + c.CacheWrite5m + c.CacheWrite1h + c.CacheRead + c.Output
}

func (c *Counts) add(d Counts) {
	c.Requests += d.Requests
	c.Uncached += d.Uncached
	c.CacheWrite5m += d.CacheWrite5m
	c.CacheWrite1h += d.CacheWrite1h
	c.CacheRead += d.CacheRead
	c.Output += d.Output
	c.WebSearches += d.WebSearches
}

// part is the share f of c, rounded down, so that it never exceeds c.
func (c Counts) part(f float64) Counts {
	if f >= 1 {
		return c
	}
	cut := func(v int64) int64 { return int64(float64(v) * f) }
	return Counts{
		cut(c.Requests), cut(c.Uncached), cut(c.CacheWrite5m), cut(c.CacheWrite1h),
		cut(c.CacheRead), cut(c.Output), cut(c.WebSearches),
	}
}

// Traffic is what flows through the organization.
type Traffic struct {
	Epoch    time.Time // the first minute with traffic, and the zero of every Load's trace
	Streams  []Stream
	Depth    time.Duration    // capacity of a token bucket, as time at its limit; zero is a minute
	Prices   map[string]Price // by model; a model without one is free
	Discount float64          // share taken off the list price of tokens, 0 to 1
}

// Stream is traffic that agrees in every dimension the reports know. Empty
// dimensions are null in the reports. A stream without model and product is
// code execution: its requests are execution spans, it has no tokens, and the
// legacy reports do not know it.
type Stream struct {
	Workspace     string // id, the default workspace's too
	Model         string
	APIKey        string // id; empty: OAuth or the Console
	Product       string
	ServiceTier   string
	Speed         string
	ContextWindow string
	InferenceGeo  string
	Actor         *Actor // nil: the key, if there is one
	AgentID       string
	SessionID     string
	UserProfileID string

	Uncounted bool // requests are reported as null

	Load Load  // demand, of which the limiters accept a part
	Rows []Row // or minutes as they are, past every limiter; ascending
}

// Row is one minute of a stream that is reported exactly so.
type Row struct {
	At time.Time // start of the minute
	Counts
}

// Actor is the identity usage is attributed to.
type Actor struct {
	Type    string // user_actor, service_account_actor, federated_actor or api_actor
	ID      string // the tagged id; the subject of a federated actor
	Name    string // users only
	Email   string // users only
	Deleted bool   // users only
}

// Load turns a trace into demand. Factors that are zero count as one, ratios
// that are zero add nothing.
type Load struct {
	Trace    *Trace
	Offset   time.Duration // where in the trace Epoch falls; the trace repeats for ever
	Requests float64       // factor on the trace's requests
	Input    float64       // factor on its input tokens, cached or not
	Output   float64       // factor on its output tokens

	CacheRead    float64 // cache-read tokens added per uncached token
	CacheWrite5m float64 // tokens added that are written for five minutes, per uncached token
	CacheWrite1h float64 // the same for an hour
	WebSearches  float64 // searches per request

	WeeklyGrowth float64       // share by which everything grows in a week, compounded by the hour
	DailyFrom    time.Duration // with DailyFor: active only from this time of day, UTC …
	DailyFor     time.Duration // … for this long; zero is always
}

// Price is a list price in US cents per million tokens. Writes to the cache
// cost 1.25 (five minutes) and 2 (an hour) times Input, reads a tenth of it.
type Price struct {
	Input  int64
	Output int64
	Fast   int64 // factor of fast mode; zero is 6
}
