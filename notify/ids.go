package notify

import (
	"crypto/sha256"
	"encoding/hex"
)

// shortHash is 32 hexadecimal digits made from the parts, for ids that must be
// the same on every attempt. Its use goes in front, so that ids of different
// uses never meet.
func shortHash(use string, parts ...string) string {
	h := sha256.New()
	h.Write([]byte(use))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
