package simulate

import (
	"slices"
	"strings"
	"time"
)

// wireCostResult is a row of the older cost report. All but the amount and the
// workspace are null unless it is grouped by description.
type wireCostResult struct {
	Amount        string  `json:"amount"`
	ContextWindow *string `json:"context_window"`
	CostType      *string `json:"cost_type"`
	Currency      string  `json:"currency"`
	Description   *string `json:"description"`
	Geo           *string `json:"inference_geo"`
	Model         *string `json:"model"`
	Tier          *string `json:"service_tier"`
	TokenType     *string `json:"token_type"`
	Workspace     *string `json:"workspace_id"`
	*wireExtra
}

func (s *Server) costReport(c *call) (any, *refusal) {
	p := c.params
	l := c.legacyRange("1d")
	names := p.list("group_by", "workspace_id", "description")
	if refused := p.finish(); refused != nil {
		return nil, refused
	}
	byWorkspace, described := slices.Contains(names, "workspace_id"), slices.Contains(names, "description")
	at := s.seenAt(c)
	q := &query{order: orderByAmount}
	q.grouped[dimWorkspace] = byWorkspace
	for _, d := range []int{dimModel, dimTier, dimContextWindow, dimGeo} {
		q.grouped[d] = described
	}
	g, other := s.legacyCostGroups(q)
	sums := make([]account, len(g.keys))
	return legacyPage(c, l, func(from, to time.Time) []wireCostResult {
		lines := s.accounts(q, g, other, sums, from, to, at)
		sortLines(lines, g.keys, false)
		out := []wireCostResult{}
		for _, line := range lines {
			out = append(out, costResults(g.keys[line.group], line.body, described, extra(c.faults))...)
		}
		return out
	}), nil
}

// legacyCostGroups leaves out what the older report leaves out, Priority Tier.
func (s *Server) legacyCostGroups(q *query) (tokens grouping, other []int32) {
	both := s.legacyLabels()
	for _, l := range slices.Clone(both) {
		l[dimModel], l[dimTier], l[dimContextWindow], l[dimGeo] = "", "", "", ""
		both = append(both, l)
	}
	n := len(s.labels)
	g := q.group(both, nil)
	for i, stream := range s.config.Traffic.Streams {
		if stream.ServiceTier == tierPriority {
			g.of[i], g.of[n+i] = -1, -1
		}
	}
	return grouping{g.of[:n], g.keys}, g.of[n:]
}

func costResults(l labels, a account, described bool, e *wireExtra) []wireCostResult {
	if !described {
		_, net := a.sum()
		return []wireCostResult{{Amount: net.String(), Currency: "USD", Workspace: orNull(l[dimWorkspace]), wireExtra: e}}
	}
	var out []wireCostResult
	for i := range items {
		if a.net[i] == 0 {
			continue
		}
		out = append(out, wireCostResult{
			Amount: a.net[i].String(), Currency: "USD", Description: orNull(describe(l, i)), CostType: orNull(itemNames[i].cost),
			TokenType: orNull(itemNames[i].token), Model: orNull(l[dimModel]), Tier: orNull(l[dimTier]),
			ContextWindow: orNull(l[dimContextWindow]), Geo: orNull(l[dimGeo]), Workspace: orNull(l[dimWorkspace]), wireExtra: e,
		})
	}
	return out
}

// describe words an item as the older report does, as far as its wording is known.
func describe(l labels, item int) string {
	text := [items]string{
		"Input Tokens", "Input Tokens, Cache Write (5m)", "Input Tokens, Cache Write (1h)", "Input Tokens, Cache Read", "Output Tokens",
		"Web Search Usage", "Code Execution Usage", "Session Usage",
	}[item]
	if item >= tokenItems {
		return text
	}
	if l[dimTier] == tierBatch {
		text += ", Batch"
	}
	return title(l[dimModel]) + " Usage - " + text
}

// title makes a name of a model id: claude-opus-4-8 is Claude Opus 4.8.
func title(model string) string {
	var words, version []string
	for part := range strings.SplitSeq(model, "-") {
		switch {
		case part == "":
		case part[0] >= '0' && part[0] <= '9' && len(part) < 8:
			version = append(version, part)
		case part[0] < '0' || part[0] > '9':
			words = append(words, strings.ToUpper(part[:1])+part[1:])
		}
	}
	if len(version) > 0 {
		words = append(words, strings.Join(version, "."))
	}
	return strings.Join(words, " ")
}
