package simulate

import "time"

type wireCostGroup struct {
	*wireGroup
	CostType  *string `json:"cost_type"`
	TokenType *string `json:"token_type"`
}

type wireCost struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	List     string `json:"list_amount"`
	Requests *int64 `json:"requests"`
}

type wireCostRow struct {
	From  time.Time     `json:"starting_at"`
	To    time.Time     `json:"ending_at"`
	Group wireCostGroup `json:"group"`
	Cost  wireCost      `json:"cost"`
	*wireExtra
}

// account is a row's bill before it is fanned out.
type account struct {
	bill
	requests int64
	counted  bool
	seen     bool
}

func (s *Server) analyticsCost(c *call) (any, *refusal) {
	q, refused := c.analytics([]string{orderByAmount, "list_amount"}, costTypeColumn, tokenColumn)
	if refused != nil {
		return nil, refused
	}
	at := s.seenAt(c)
	g, other := s.costGroups(q)
	sums := make([]account, len(g.keys))
	lines, next := pageOf(q, g.keys, func(from, to time.Time) []line[account] {
		return s.accounts(q, g, other, sums, from, to, at)
	})
	groups := s.wireGroups(g.keys)
	out := wireReport[wireCostRow]{Data: []wireCostRow{}, wireExtra: extra(c.faults)}
	for _, l := range lines {
		for _, row := range fanOut(q, l.body) {
			row.From, row.To, row.Group.wireGroup, row.wireExtra = l.from, l.to, groups[l.group], extra(c.faults)
			out.Data = append(out.Data, row)
		}
	}
	out.page(next, at)
	return out, nil
}

// costGroups groups tokens by all their dimensions, and the rest of what the
// same streams pay for without those that only tokens have.
func (s *Server) costGroups(q *query) (tokens grouping, other []int32) {
	both := append([]labels{}, s.labels...)
	for _, l := range s.labels {
		l[dimModel], l[dimTier], l[dimContextWindow], l[dimGeo], l[dimSpeed] = "", "", "", "", ""
		both = append(both, l)
	}
	g := q.group(both, s.deleted)
	return grouping{g.of[:len(s.labels)], g.keys}, g.of[len(s.labels):]
}

// accounts are the rows of one bucket. sums is scratch, zero before and after.
func (s *Server) accounts(q *query, g grouping, other []int32, sums []account, from, to, at time.Time) []line[account] {
	var touched []int32
	charge := func(n int32, stream int32, c Counts, first, last int) {
		var b bill
		b.add(s.prices[stream], c, first, last)
		if n < 0 || b == (bill{}) {
			return
		}
		sum := &sums[n]
		if !sum.seen {
			touched = append(touched, n)
			sum.seen = true
		}
		for i := first; i < last; i++ {
			sum.list[i] += b.list[i]
			sum.net[i] += b.net[i]
		}
		if code := s.config.Traffic.Streams[stream].isCodeExecution(); (first == 0) != code && !s.config.Traffic.Streams[stream].Uncounted {
			sum.requests += c.Requests
			sum.counted = true
		}
	}
	s.visit(from, to, at, func(stream int32, c Counts) {
		charge(g.of[stream], stream, c, 0, tokenItems)
		charge(other[stream], stream, c, tokenItems, items)
	})
	lines := make([]line[account], 0, len(touched))
	for _, n := range touched {
		list, net := sums[n].sum()
		measure := int64(net)
		if q.order == "list_amount" {
			measure = int64(list)
		}
		lines = append(lines, line[account]{from, to, n, measure, sums[n]})
		sums[n] = account{}
	}
	return lines
}

// fanOut makes the rows of one account: one, or one for each thing paid for.
func fanOut(q *query, a account) []wireCostRow {
	if !q.byCostType && !q.byTokenType {
		list, net := a.sum()
		row := toCost("", "", list, net)
		if a.counted {
			row.Cost.Requests = &a.requests
		}
		return []wireCostRow{row}
	}
	var rows []wireCostRow
	if q.byTokenType {
		for i := range tokenItems {
			if a.list[i] != 0 {
				rows = append(rows, toCost(itemNames[i].cost, itemNames[i].token, a.list[i], a.net[i]))
			}
		}
	} else {
		var list, net money
		for i := range tokenItems {
			list, net = list+a.list[i], net+a.net[i]
		}
		if list != 0 {
			rows = append(rows, toCost("tokens", "", list, net))
		}
	}
	for i := tokenItems; i < items && q.byCostType; i++ {
		if a.list[i] != 0 {
			rows = append(rows, toCost(itemNames[i].cost, "", a.list[i], a.net[i]))
		}
	}
	return rows
}

func toCost(kind, token string, list, net money) wireCostRow {
	return wireCostRow{
		Group: wireCostGroup{CostType: orNull(kind), TokenType: orNull(token)},
		Cost:  wireCost{Amount: net.String(), Currency: "USD", List: list.String()},
	}
}
