package route

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

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
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %d", m.Receiver, m.GroupKey, m.Reason, m.At.UnixNano())
	for _, it := range m.Items {
		fmt.Fprintf(h, " %q %d %q %q", it.Fingerprint, it.FiredAt.UnixNano(), it.Reason, it.Severity)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (r GroupRef) compare(other GroupRef) int {
	return cmp.Or(cmp.Compare(r.Receiver, other.Receiver), cmp.Compare(r.Key, other.Key))
}
