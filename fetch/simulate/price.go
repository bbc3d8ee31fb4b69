package simulate

import (
	"math"
	"strconv"
	"strings"
)

// money is billionths of a US cent: exact for every price per million tokens
// that is a whole number of cents, also after a discount in thousandths.
type money int64

const cent money = 1_000_000_000

// String is the amount in cents, as the reports write it.
func (m money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	whole, rest := m/cent, m%cent
	if rest == 0 {
		return sign + strconv.FormatInt(int64(whole), 10)
	}
	digits := strconv.FormatInt(int64(cent+rest), 10)[1:]
	return sign + strconv.FormatInt(int64(whole), 10) + "." + strings.TrimRight(digits, "0")
}

// What is paid for, in the order of the reports' rows.
const (
	forUncached = iota
	forWrite5m
	forWrite1h
	forRead
	forOutput
	forSearch
	forCode
	forSession
	items
	tokenItems = forSearch
)

// itemNames are cost_type and token_type of each item.
var itemNames = [items]struct{ cost, token string }{
	{"tokens", "uncached_input_tokens"},
	{"tokens", "cache_creation.ephemeral_5m_input_tokens"},
	{"tokens", "cache_creation.ephemeral_1h_input_tokens"},
	{"tokens", "cache_read_input_tokens"},
	{"tokens", "output_tokens"},
	{"web_search", ""},
	{"code_execution", ""},
	{"session_usage", ""},
}

// Prices of what is not tokens: a search costs a cent; a span of code execution
// and a request of a managed session stand for seconds of an hourly rate.
const (
	searchPrice  = cent
	codePrice    = cent / 20
	sessionPrice = cent / 10
)

const (
	defaultFast  = 6
	listedTokens = 1_000_000 // prices are per million
	tierBatch    = "batch"
	tierPriority = "priority"
)

// streamPrice is what one of each item costs in a stream, list price and net.
type streamPrice struct{ list, net [items]money }

func (t Traffic) price(s *Stream) streamPrice {
	p := t.Prices[s.Model]
	perToken := func(cents, hundredths int64) money {
		return money(cents) * cent / listedTokens * money(hundredths) / 100
	}
	factor := int64(100)
	if s.ServiceTier == tierBatch {
		factor = 50
	}
	if s.Speed == "fast" && p.Fast == 0 {
		factor *= defaultFast
	} else if s.Speed == "fast" {
		factor *= p.Fast
	}
	var out streamPrice
	out.list[forUncached] = perToken(p.Input, factor)
	out.list[forWrite5m] = perToken(p.Input, factor*5/4)
	out.list[forWrite1h] = perToken(p.Input, factor*2)
	out.list[forRead] = perToken(p.Input, factor/10)
	out.list[forOutput] = perToken(p.Output, factor)
	out.list[forSearch] = searchPrice
	if s.isCodeExecution() {
		out.list[forCode] = codePrice
	}
	if s.Product == "managed_agents_api" {
		out.list[forSession] = sessionPrice
	}
	out.net = out.list
	for i := range tokenItems {
		out.net[i] = out.list[i] * money(1000-math.Round(t.Discount*1000)) / 1000
	}
	return out
}

// quantities are how many of each item a stream used.
func (c Counts) quantities() [items]int64 {
	return [items]int64{c.Uncached, c.CacheWrite5m, c.CacheWrite1h, c.CacheRead, c.Output, c.WebSearches, c.Requests, c.Requests}
}

// bill is what something cost, by item.
type bill struct{ list, net [items]money }

// add charges the items from one to another of what a stream used.
func (b *bill) add(p streamPrice, c Counts, from, to int) {
	n := c.quantities()
	for i := from; i < to; i++ {
		b.list[i] += p.list[i] * money(n[i])
		b.net[i] += p.net[i] * money(n[i])
	}
}

// sum adds the items up.
func (b bill) sum() (list, net money) {
	for i := range items {
		list += b.list[i]
		net += b.net[i]
	}
	return list, net
}
