package route

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SummaryKey is the group key of messages that tell of several groups at once. No
// group has it: theirs begin with the root's braces.
const SummaryKey = "summary"

// pathKey is a route's part of a group key: {}/{severity="critical"}.
func pathKey(path []string) string { return strings.Join(path, "/") }

// groupKey is a group's key, in Alertmanager's form:
// {}/{severity="critical"}:{alertname="X", organization="acme"}.
func groupKey(path string, labels map[string]string) string {
	var b strings.Builder
	b.WriteString(path)
	b.WriteString(":{")
	for i, name := range slices.Sorted(maps.Keys(labels)) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(strconv.Quote(labels[name]))
	}
	b.WriteByte('}')
	return b.String()
}

// messageKey identifies a decision. The items are part of it, so that two
// decisions about one group at one time, which two steps can lead to, have two
// keys. 32 hexadecimal digits: some receivers allow no other characters in ids.
func messageKey(m Message) string {
	b := make([]byte, 0, 256+64*len(m.Items))
	text := func(s string) { b = append(append(b, s...), 0) }
	moment := func(at time.Time) { b = binary.BigEndian.AppendUint64(b, uint64(at.UnixNano())) }
	text(m.Receiver)
	text(m.GroupKey)
	text(string(m.Reason))
	moment(m.At)
	for _, it := range m.Items {
		text(string(it.Fingerprint))
		moment(it.FiredAt)
		text(string(it.Reason))
		text(string(it.Severity))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// Compare orders by receiver, then by key.
func (r GroupRef) Compare(other GroupRef) int {
	if c := cmp.Compare(r.Receiver, other.Receiver); c != 0 {
		return c
	}
	return cmp.Compare(r.Key, other.Key)
}
