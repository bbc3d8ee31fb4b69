package simulate

import "time"

type wireUsage struct {
	Requests *int64 `json:"requests"`
	Total    int64  `json:"total_tokens"`
	wireTokens
}

// wireTokens are the counts both generations of reports share.
type wireTokens struct {
	Uncached int64 `json:"uncached_input_tokens"`
	Creation struct {
		Hour        int64 `json:"ephemeral_1h_input_tokens"`
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
	} `json:"cache_creation"`
	Read   int64 `json:"cache_read_input_tokens"`
	Output int64 `json:"output_tokens"`
	Tools  struct {
		Searches int64 `json:"web_search_requests"`
	} `json:"server_tool_use"`
}

func toTokens(c Counts) wireTokens {
	w := wireTokens{Uncached: c.Uncached, Read: c.CacheRead, Output: c.Output}
	w.Creation.Hour, w.Creation.FiveMinutes = c.CacheWrite1h, c.CacheWrite5m
	w.Tools.Searches = c.WebSearches
	return w
}

type wireUsageRow struct {
	From  time.Time  `json:"starting_at"`
	To    time.Time  `json:"ending_at"`
	Group *wireGroup `json:"group"`
	Usage wireUsage  `json:"usage"`
	*wireExtra
}

type wireReport[T any] struct {
	Data      []T        `json:"data"`
	HasMore   bool       `json:"has_more"`
	NextPage  *string    `json:"next_page"`
	Refreshed *time.Time `json:"data_refreshed_at"`
	*wireExtra
}

// tally is a row's usage: the sums, and whether any of its requests were counted.
type tally struct {
	Counts
	seen    bool // anything was added
	counted bool
}

func (s *Server) analyticsUsage(c *call) (any, *refusal) {
	q, refused := c.analytics([]string{orderByTokens, "output_tokens", "uncached_input_tokens", "requests"})
	if refused != nil {
		return nil, refused
	}
	at := s.seenAt(c)
	g := q.group(s.labels, s.deleted)
	sums := make([]tally, len(g.keys))
	lines, next := pageOf(q, g.keys, func(from, to time.Time) []line[tally] {
		return s.tallies(q, g, sums, from, to, at)
	})
	groups := s.wireGroups(g.keys)
	out := wireReport[wireUsageRow]{Data: []wireUsageRow{}, wireExtra: extra(c.faults)}
	for _, l := range lines {
		row := wireUsageRow{From: l.from, To: l.to, Group: groups[l.group], wireExtra: extra(c.faults)}
		row.Usage = wireUsage{Total: l.body.Tokens(), wireTokens: toTokens(l.body.Counts)}
		if l.body.counted {
			row.Usage.Requests = &l.body.Requests
		}
		out.Data = append(out.Data, row)
	}
	out.page(next, at)
	return out, nil
}

func (r *wireReport[T]) page(next string, at time.Time) {
	if next != "" {
		r.HasMore, r.NextPage = true, &next
	}
	at = at.Truncate(stepLength)
	r.Refreshed = &at
}

// tallies are the rows of one bucket. sums is scratch, zero before and after.
func (s *Server) tallies(q *query, g grouping, sums []tally, from, to, at time.Time) []line[tally] {
	var touched []int32
	s.visit(from, to, at, func(stream int32, c Counts) {
		n := g.of[stream]
		if n < 0 {
			return
		}
		if !sums[n].seen {
			touched = append(touched, n)
			sums[n].seen = true
		}
		if s.config.Traffic.Streams[stream].Uncounted {
			c.Requests = 0
		} else {
			sums[n].counted = true
		}
		sums[n].add(c)
	})
	lines := make([]line[tally], 0, len(touched))
	for _, n := range touched {
		lines = append(lines, line[tally]{from, to, n, sums[n].rank(q.order), sums[n]})
		sums[n] = tally{}
	}
	return lines
}

func (t tally) rank(order string) int64 {
	switch order {
	case "output_tokens":
		return t.Output
	case "uncached_input_tokens":
		return t.Uncached
	case "requests":
		return t.Requests
	}
	return t.Tokens()
}
