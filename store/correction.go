package store

import (
	"encoding/binary"
)

// packChange appends what to change in later to get earlier; see pack.go.
func packChange(b []byte, later, earlier []cell) []byte {
	start := len(b)
	changes := diff(later, earlier)
	b = append(b, packedChange)
	b = binary.AppendUvarint(b, uint64(len(changes)))
	before := int64(0)
	for i := range changes {
		c := &changes[i]
		b = binary.AppendUvarint(b, uint64(c.id-before))
		before = c.id
		if c.gone {
			b = append(b, wasGone)
			continue
		}
		at := len(b)
		b = append(b, 0)
		for f, v := range c.counts {
			if v != 0 {
				b[at] |= 1 << f
				b = binary.AppendVarint(b, v)
			}
		}
	}
	return seal(b, start)
}

// cellChange is a combination that differs: by how much, or that it was not there.
type cellChange struct {
	cell
	gone bool
}

func diff(later, earlier []cell) []cellChange {
	var out []cellChange
	for len(later) > 0 || len(earlier) > 0 {
		switch {
		case len(earlier) == 0 || len(later) > 0 && later[0].id < earlier[0].id:
			out = append(out, cellChange{cell: cell{id: later[0].id}, gone: true})
			later = later[1:]
		case len(later) == 0 || earlier[0].id < later[0].id:
			out = append(out, cellChange{cell: earlier[0]})
			earlier = earlier[1:]
		default:
			if later[0] != earlier[0] {
				c := cellChange{cell: earlier[0]}
				for f := range c.counts {
					c.counts[f] -= later[0].counts[f]
				}
				out = append(out, c)
			}
			later, earlier = later[1:], earlier[1:]
		}
	}
	return out
}

// applyChange appends the earlier value to cells: later with the change made.
func applyChange(cells, later []cell, b []byte) ([]cell, error) {
	r, n, err := open(b, packedChange)
	if err != nil {
		return nil, err
	}
	id := int64(0)
	for range n {
		id = r.id(id)
		for len(later) > 0 && later[0].id < id {
			cells, later = append(cells, later[0]), later[1:]
		}
		c := cell{id: id}
		isThere := len(later) > 0 && later[0].id == id
		if isThere {
			c, later = later[0], later[1:]
		}
		mask := r.byte()
		if r.bad || mask == wasGone && !isThere || mask > wasGone {
			return nil, errPacked
		}
		if mask == wasGone {
			continue
		}
		if !r.change(&c, mask) {
			return nil, errPacked
		}
		cells = append(cells, c)
	}
	return append(cells, later...), r.end()
}

// change reports whether the differences were there and lead to possible counts.
func (r *reader) change(c *cell, mask byte) bool {
	for f := 0; mask != 0; f, mask = f+1, mask>>1 {
		if mask&1 == 0 {
			continue
		}
		d := r.varint()
		if d == 0 || d > maxCount || d < -maxCount {
			return false
		}
		if c.counts[f] += d; c.counts[f] < 0 || c.counts[f] > maxCount {
			return false
		}
	}
	return !r.bad
}
