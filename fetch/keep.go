package fetch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// keeper keeps the answers of one listing, byte by byte as they came. Only a whole
// answer that could be read is kept. A nil keeper keeps nothing.
type keeper struct {
	pages [][]byte
	heard *bytes.Buffer // of the answer that is being read
}

// tap lets the keeper hear what is read from an answer.
func (k *keeper) tap(from io.Reader) io.Reader {
	if k == nil {
		return from
	}
	k.heard = &bytes.Buffer{}
	return io.TeeReader(from, k.heard)
}

// take keeps the answer that was heard, unless it repeats the key.
func (k *keeper) take(key string) error {
	if k == nil {
		return nil
	}
	page := k.heard.Bytes()
	if bytes.Contains(page, []byte(key)) {
		return errors.New("it repeats the key, and so it is not kept")
	}
	k.pages = append(k.pages, page)
	return nil
}

// whole is what was kept: the answer itself or, of several pages, one answer with
// the elements of all of them; nil where nothing was kept.
func (k *keeper) whole() ([]byte, error) {
	switch len(k.pages) {
	case 0:
		return nil, nil
	case 1:
		return k.pages[0], nil
	}
	var elements [][]byte
	for i, page := range k.pages {
		var list struct {
			Data []json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(page, &list); err != nil {
			return nil, fmt.Errorf("join page %d: %w", i+1, err)
		}
		for _, e := range list.Data {
			elements = append(elements, e)
		}
	}
	joined := append([]byte(`{"data":[`), bytes.Join(elements, []byte(","))...)
	return append(joined, `],"has_more":false}`...), nil
}
