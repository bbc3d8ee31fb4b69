package notify

import (
	"context"
	"fmt"
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
