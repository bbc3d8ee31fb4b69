// Package simulate is the Admin API, as documented, over recorded traffic: for
// the demo, for tests, and for other people's clients. It knows nothing of the
// product: it has its own wire types and imports only the standard library, so
// that server and client cannot share one misunderstanding.
//
// # What it answers
//
//	GET /v1/organizations/me
//	GET /v1/organizations/workspaces, /v1/organizations/workspaces/{id}
//	GET /v1/organizations/api_keys
//	GET /v1/organizations/rate_limits
//	GET /v1/organizations/workspaces/{id}/rate_limits
//	GET /v1/organizations/analytics/usage, /v1/organizations/analytics/cost
//	GET /v1/organizations/usage_report/messages, /v1/organizations/cost_report
//	GET /v1/organizations/spend_limits (always refused, as without early access)
//
// Both versions of the API are spoken, 2023-06-01 and 2026-10-21, with the key
// in either header. What the documentation does not allow is refused in the
// documented envelope: a parameter the endpoint does not have, a value outside
// its list or range, a missing beta header, a cursor used with other
// parameters. Where the documentation is silent this package chooses, and says
// so beside the choice.
//
// # Using it
//
// A [Config] says who the [Organization] is, what [Traffic] flows and how late
// the reports are ([Reporting]); [New] checks it and returns a [Server], which
// is an [net/http.Handler]. [Demo] is a ready configuration with recorded
// traffic, [DemoTrace] the same organization under a trace of your own, and
// [Synthetic] one of any size. Time is whatever Config.Now says; [Clock] makes
// a virtual one. The package never looks at a real clock.
//
//	c, err := simulate.Demo(1)
//	c.Now = simulate.Clock(time.Now, c.Start, 60) // a minute per second
//	c.AdminKeys = []string{"sk-ant-admin01-demo"}
//	s, err := simulate.New(c)
//	http.Serve(listener, s)
//
// # How usage comes about
//
// A [Stream] is traffic that agrees in every dimension of the reports. Its
// [Load] turns a [Trace] into demand in steps of ten seconds, and token buckets,
// one for each limit of the organization and of a workspace, cut the demand down
// to what is accepted: a bucket holds a minute of its limit, starts full and is
// refilled every step. A stream that meets several limiters is cut by the
// tightest. Rejected demand is gone. Rows of a stream that are given as they are
// pass every limiter. Buckets are computed a day at a time, from an hour before
// midnight, so any day can be asked for first; memory is bounded by
// Config.Memory. The same configuration gives the same usage for ever.
//
// What is accepted is reported late: minute m is complete at m + 1 min + lag,
// shows in part before that, and a seeded share of rows gets its final value
// only later. Pages are queries over moving data, as in life.
//
// # Faults
//
// [Server.Inject] and [Server.Clear] switch faults on and off, [Server.Change]
// changes limits. The same over HTTP, without a key, for programs that cannot
// call Go; spans are written "90s", times are RFC 3339 and virtual:
//
//	POST   /simulate/faults       {"kind":"status","endpoint":"analytics_usage","status":429,"retry_after":"30s","count":2} -> {"id":1}
//	GET    /simulate/faults       -> {"faults":[…]}
//	DELETE /simulate/faults       all; DELETE /simulate/faults/1 one
//	POST   /simulate/limits       {"workspace":"payments","group":"Claude Opus 5.5","limiter":"requests_per_minute","value":500,"at":"…"}
//	GET    /simulate/clock        -> {"now":"…","start":"…"}
//
// Kinds and endpoints are the constants [Kind] and [Endpoint]. A change without
// value (or null) removes the limit; {"model":"m","group":"g"} moves a model.
//
// # What it does not do
//
// It takes no writes, does not meter its own callers (inject a 429), knows no
// limits of batches, files, skills, token counting or web search beyond telling
// their values, and does not compress.
package simulate
