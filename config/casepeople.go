package config

import (
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate/replay"
	"alerter/notify/route"
)

// start is when a test begins; zero where it does not say.
func (c *caseChecks) start(k *caseKeys, n *yaml.Node) time.Time {
	if k.StartTimestamp == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, k.StartTimestamp)
	if seconds, isNumber := strconv.ParseInt(k.StartTimestamp, 10, 64); isNumber == nil {
		at, err = time.Unix(seconds, 0), nil
	}
	if err != nil || at.Unix()%60 != 0 {
		c.fault(spot(n, "start_timestamp"), "start_timestamp is a whole minute, such as 2026-11-23T09:00:00Z, or its seconds since 1970")
	}
	return at.UTC()
}

// silences are those of a test.
func (c *caseChecks) silences(t *replay.Case, k *caseKeys, n *yaml.Node) {
	list := spot(n, "silences")
	for i, s := range k.Silences {
		at := item(list, i)
		c.caseTime(at, "to", s.To)
		if s.To <= s.From && value(at, "to") != nil {
			c.fault(spot(at, "to"), "to is not after from")
		}
		matchers := c.caseMatchers(at, s.Matchers)
		t.Silences = append(t.Silences, replay.CaseSilence{Matchers: matchers, From: time.Duration(s.From), To: time.Duration(s.To)})
	}
}

// acknowledgements are those of a test.
func (c *caseChecks) acknowledgements(t *replay.Case, k *caseKeys, n *yaml.Node) {
	list := spot(n, "acknowledgements")
	for i, a := range k.Acknowledgements {
		at := item(list, i)
		c.caseTime(at, "at", a.At)
		if a.By == "" {
			a.By = "somebody"
		}
		ack := replay.CaseAck{At: time.Duration(a.At), Matchers: c.caseMatchers(at, a.Matchers), By: a.By, Where: c.where(at)}
		t.Acks = append(t.Acks, ack)
	}
}

// caseMatchers parses which alerts a person means.
func (c *caseChecks) caseMatchers(n *yaml.Node, texts []string) (all []route.Matcher) {
	list := spot(n, "matchers")
	if len(texts) == 0 {
		c.missing(n, "matchers is missing or empty: say which alerts are meant")
	}
	for i, text := range texts {
		if m, is := c.matcher(item(list, i), text); is {
			all = append(all, m)
		}
	}
	return all
}
