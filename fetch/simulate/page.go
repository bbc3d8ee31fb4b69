package simulate

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"net/url"
	"strings"
)

// cursor is where the next page begins. It is bound to the other parameters.
type cursor struct {
	Params uint64 `json:"p"`
	At     int64  `json:"t,omitempty"` // start of the bucket, Unix seconds
	Skip   int    `json:"n,omitempty"` // rows already given, of that bucket or of all
}

const cursorPrefix = "page_"

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("unreachable: numbers always marshal: " + err.Error())
	}
	return cursorPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// page reads the page parameter; nil on the first page.
func (p *params) page(endpoint Endpoint) *cursor {
	v := p.one("page")
	if v == "" {
		return nil
	}
	var c cursor
	text, ok := strings.CutPrefix(v, cursorPrefix)
	b, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || json.Unmarshal(b, &c) != nil || c.Skip < 0 {
		p.refuse(bad("page", "invalid cursor"))
		return nil
	}
	if c.Params != p.fingerprint(endpoint) {
		p.refuse(bad("page", "the cursor belongs to a request with other parameters"))
		return nil
	}
	return &c
}

// fingerprint is the same for all pages of one listing.
func (p *params) fingerprint(endpoint Endpoint) uint64 {
	rest := url.Values{}
	for k, v := range p.values {
		if k != "page" {
			rest[k] = v
		}
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(endpoint) + "?" + rest.Encode())) // a hash takes everything
	return h.Sum64()
}
