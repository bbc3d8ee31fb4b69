package evaluate

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// fingerprint is the first 16 hexadecimal digits of the SHA-256 of what
// identifies an alert. Each part is preceded by its length, so that no two
// subjects run together into the same text.
func fingerprint(alertname string, s *Subject) Fingerprint {
	buf := make([]byte, 0, 256)
	for _, part := range [...]string{
		alertname, s.OrganizationID, s.WorkspaceID, s.GroupID, string(s.Limiter), s.Part,
	} {
		buf = strconv.AppendInt(buf, int64(len(part)), 10)
		buf = append(buf, ':')
		buf = append(buf, part...)
	}
	sum := sha256.Sum256(buf)
	return Fingerprint(hex.EncodeToString(sum[:8]))
}
