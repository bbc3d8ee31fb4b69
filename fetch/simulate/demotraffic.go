package simulate

import (
	"slices"
	"time"
)

// Peaks of the input of the three streams that share the main trace.
const (
	demoEU        = 3_600_000
	demoUS        = 1_700_000
	demoPriority  = 400_000
	demoMainInput = demoEU + demoUS + demoPriority
)

// demoStreams maps the recorded days onto the organization. Rates are peaks, see
// played.load; a limit of 5,000,000 is reached by what adds up to a little more.
func demoStreams(t demoTraces) []Stream {
	return slices.Concat(demoAgents(t), demoPayments(t), demoOthers(t))
}

// played is a trace with the place where it begins and the rates it is scaled by.
type played struct {
	trace  *Trace
	offset time.Duration
	peak   demand
}

// load plays the trace from somewhere else, so that its highest rates are so many
// requests, input tokens (writes to the cache included) and output tokens a minute.
func (p played) load(offset time.Duration, ratios Load, requests, input, output float64) Load {
	l := ratios
	l.Trace, l.Offset = p.trace, p.offset+offset
	l.Requests = requests / p.peak.requests
	l.Input = input / p.peak.uncached / (1 + l.CacheWrite5m + l.CacheWrite1h)
	l.Output = output / p.peak.output
	return l
}

// cached are the ratios of traffic that is mostly read from the cache, as agents' is.
func cached(reads float64) Load {
	return Load{CacheRead: reads, CacheWrite5m: 0.12, CacheWrite1h: 0.03}
}

// agents is the common part of the streams of prod-agents.
func agents(model, key string, l Load) Stream {
	return Stream{Workspace: wsAgents, Model: model, APIKey: key, Product: "messages_api", ServiceTier: "standard",
		Speed: "standard", ContextWindow: "0-200k", InferenceGeo: "global", Load: l}
}

func demoAgents(t demoTraces) []Stream {
	const opus4, opus5, haiku = "claude-opus-4-8", "claude-opus-5-5", "claude-haiku-4-5-20251001"
	teamShift := -228 * time.Minute
	priority := agents(opus4, keyEU, t.main.load(0, cached(3), 100, demoPriority, 40_000))
	priority.ServiceTier = tierPriority
	fast := agents(opus5, keyUS, t.team.load(7*time.Hour, cached(5), 30, 180_000, 30_000))
	fast.Speed = "fast"
	long := agents(opus5, keyUS, t.code.load(0, cached(2), 60, 500_000, 60_000))
	long.ContextWindow = "200k-1M"
	managed := agents(opus5, "", t.code.load(20*time.Minute, cached(6), 40, 300_000, 40_000))
	managed.Product, managed.AgentID = "managed_agents_api", "agent_01Dm4KvTx8RqWb3NzLc6PhYs"
	managed.Actor = &Actor{Type: "service_account_actor", ID: "svac_01Mn5RtXq8VwKb3LzPc7YdHs"}
	search := cached(0.5)
	search.WebSearches = 0.2
	return []Stream{
		agents(opus4, keyEU, t.main.load(0, cached(4), 1_300, demoEU, 420_000)),
		agents(opus4, keyUS, t.main.load(0, cached(4), 600, demoUS, 200_000)),
		priority,
		agents(opus5, keyEU, t.team.load(teamShift, cached(3), 2_000, 4_300_000, 500_000)),
		fast, long, managed,
		agents(haiku, keyUS, t.surges.load(3*time.Hour, search, 700, 600_000, 300_000)),
		{Workspace: wsAgents, Load: Load{Trace: t.team.trace, Requests: 0.05}},
	}
}

func demoPayments(t demoTraces) []Stream {
	shift := 228 * time.Minute
	sonnet := Stream{Workspace: wsPayments, Model: "claude-sonnet-5-5", APIKey: keyPayments, Product: "messages_api",
		ServiceTier: "standard", Speed: "standard", ContextWindow: "0-200k", InferenceGeo: "us"}
	checkout, risk := sonnet, sonnet
	checkout.Load = t.surges.load(shift, cached(2), 1_200, 1_280_000, 330_000)
	risk.APIKey, risk.Actor = keyRisk, &Actor{Type: "service_account_actor", ID: "svac_01Mn5RtXq8VwKb3LzPc7YdHs"}
	risk.Load = t.surges.load(shift, cached(2), 500, 390_000, 120_000)
	haiku := sonnet
	haiku.Model = "claude-haiku-4-5-20251001"
	haiku.Load = t.team.load(5*time.Hour, Load{WeeklyGrowth: 0.06}, 300, 900_000, 150_000)
	return []Stream{checkout, risk, haiku}
}

func demoOthers(t demoTraces) []Stream {
	night := Load{DailyFrom: 7 * time.Hour, DailyFor: 5 * time.Hour}
	person := &Actor{Type: "user_actor", ID: "user_01Kq4VbTz7XnRw9LmPc2HdYs", Name: "Jana Novak", Email: "jana@example.com"}
	former := &Actor{Type: "user_actor", ID: "user_01Lp7WcXv2TnKb8RzQd5HmYs", Name: "Former Colleague", Email: "former@example.com", Deleted: true}
	code := Stream{Workspace: wsCode, Model: "claude-sonnet-5-5", Product: "claude_code", ServiceTier: "standard", Speed: "standard",
		ContextWindow: "0-200k", InferenceGeo: "us", Actor: person, Load: t.team.load(4*time.Hour, cached(12), 40, 30_000, 20_000)}
	formerCode := code
	formerCode.Actor, formerCode.Load = former, t.code.load(0, cached(12), 8, 6_000, 4_000)
	return []Stream{
		{Workspace: wsBatch, Model: "claude-sonnet-4-6", APIKey: keyBatch, Product: "message_batches_api", ServiceTier: tierBatch,
			Speed: "standard", ContextWindow: "0-200k", Load: t.team.load(9*time.Hour, night, 900, 9_000_000, 1_600_000)},
		{Workspace: wsBatch, Model: "claude-sonnet-4-6", APIKey: keyBatch, Product: "messages_api", ServiceTier: "standard",
			Speed: "standard", ContextWindow: "0-200k", Load: t.code.load(0, Load{}, 120, 700_000, 90_000)},
		{Workspace: wsDefault, Model: "claude-sonnet-5-5", APIKey: keyDefault, Product: "messages_api", ServiceTier: "standard",
			Speed: "standard", ContextWindow: "0-200k", InferenceGeo: "global", Load: t.code.load(11*time.Minute, cached(2), 60, 60_000, 30_000)},
		{Workspace: wsDefault, Model: "claude-haiku-4-5-20251001", Product: "claude_console", ServiceTier: "standard",
			Speed: "standard", ContextWindow: "0-200k", Actor: person, Load: t.code.load(31*time.Minute, Load{}, 10, 20_000, 8_000)},
		code, formerCode,
	}
}
