package route_test

import (
	"slices"

	"pgregory.net/rapid"

	"alerter/notify/route"
)

// checkExplained makes sure that nothing which waits to be told vanishes: it is told
// by a message of the step, or the step says why it is not.
func (p *life) checkExplained(t *rapid.T, res route.Result) {
	for _, waiting := range p.outbox {
		isReplaced := slices.ContainsFunc(res.Messages, func(m route.Message) bool { return m.Key == waiting.Key })
		if !isReplaced && !slices.Contains(res.Cancelled, waiting.Key) {
			continue
		}
		for _, it := range waiting.Items {
			isTold := slices.ContainsFunc(res.Messages, func(m route.Message) bool {
				return m.Receiver == waiting.Receiver && slices.ContainsFunc(m.Items, func(o route.Item) bool {
					return o.Fingerprint == it.Fingerprint && o.FiredAt.Equal(it.FiredAt)
				})
			})
			isNoted := slices.ContainsFunc(res.Suppressed, func(s route.Suppression) bool {
				return s.Receiver == waiting.Receiver && s.Fingerprint == it.Fingerprint && s.FiredAt.Equal(it.FiredAt)
			})
			if !isTold && !isNoted {
				t.Fatalf("%+v was to be told to %s and is not, and nothing says why: got %+v", it, waiting.Receiver, res.Suppressed)
			}
		}
	}
}
