package notify

import (
	"context"
	"fmt"
	"slices"
)

// Receiver is a named place messages go to.
type Receiver struct {
	Kind    string // a key of kinds, for metrics
	Channel Channel
}

// Receivers holds the receivers by name.
type Receivers map[string]Receiver

// Send delivers m to the receiver of that name. A name nobody has is a
// [Permanent] error: the receiver was taken out of the configuration.
func (r Receivers) Send(ctx context.Context, name string, m Message) (Receipt, error) {
	to, ok := r[name]
	if !ok {
		return Receipt{}, Permanent(fmt.Errorf("send to %q: there is no such receiver any more", name))
	}
	return to.Channel.Send(ctx, m)
}

// Kind is the kind of the receiver of that name, empty if there is none.
func (r Receivers) Kind(name string) string { return r[name].Kind }

// editing is a channel that shows a group of alerts in one message, its card, and
// edits that.
type editing interface{ edits() }

// Edits reports whether the receiver of that name shows [Message.Card].
func (r Receivers) Edits(name string) bool {
	_, ok := r[name].Channel.(editing)
	return ok
}

// chartless is a channel that cannot show charts, though others of its kind do.
type chartless interface{ chartless() }

// WantsChart reports whether the receiver of that name shows [Message.Chart].
func (r Receivers) WantsChart(name string) bool {
	to := r[name]
	_, cannot := to.Channel.(chartless)
	return kinds[to.Kind].chart && !cannot
}

// bounded is a channel that leaves alerts out of a message which programs would miss.
type bounded interface{ holds(m Message) bool }

// Holds says what a summary for the receiver of that name must be like: it reports
// whether all its alerts are told. Nil: any is fine.
func (r Receivers) Holds(name string) func(Message) bool {
	if b, ok := r[name].Channel.(bounded); ok {
		return b.holds
	}
	return nil
}

// mirrored is a channel to a place that wants to be told what fires again and
// again, beside the messages.
type mirrored interface {
	mirror(ctx context.Context, firing []Alert, externalURL string) error
}

// withChannel lists the receivers whose channel is also a C, sorted.
func withChannel[C any](r Receivers) []string {
	var names []string
	for name, to := range r {
		if _, ok := to.Channel.(C); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Mirrored lists the receivers that want to be told once a minute what fires of
// what they were told of, sorted.
func (r Receivers) Mirrored() []string { return withChannel[mirrored](r) }

// Mirror tells a receiver of [Receivers.Mirrored] all that fires; other receivers
// need not be told. The externalURL is the service's own page; it may be empty.
func (r Receivers) Mirror(ctx context.Context, name string, firing []Alert, externalURL string) error {
	to, ok := r[name].Channel.(mirrored)
	if !ok {
		return nil
	}
	return to.mirror(ctx, firing, externalURL)
}
