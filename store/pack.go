package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"alerter/usage"
)

// A packed minute, version 1. Numbers are unsigned varints (encoding/binary)
// unless another form is named:
//
//	byte     1: the version, a whole minute
//	n        how many combinations follow, by ascending id
//	n times:
//	  gap    the combination's id minus the one before (the first: minus 0), at least 1
//	  byte   which counts are not zero: bit i for field i below
//	  counts those, in order
//	4 bytes  CRC-32C of everything before, little endian
//
// The fields are requests + 1 (so that 0 says the source does not count them),
// uncached input, cache writes for 5 minutes and for 1 hour, cache reads,
// output, web searches.
//
// An earlier value of a corrected minute is kept as what to change in the value
// that came after it:
//
//	byte     2: the version, a change
//	n        how many combinations differ, by ascending id
//	n times:
//	  gap    as above
//	  byte   bit i: field i differs; bit 7 alone: the combination was not there
//	  diffs  earlier minus later, as signed varints (zigzag); a combination
//	         that is not in the later value counts as all zero there
//	4 bytes  CRC-32C
//
// Equal minutes pack to equal bytes, so comparing the bytes is enough.
const (
	packedWhole  = 1
	packedChange = 2

	fields   = 7
	wasGone  = 0x80
	checkLen = 4
	maxCount = math.MaxInt64 / 4 // so that sums and differences cannot overflow
)

// cell is one combination's part of a packed minute.
type cell struct {
	id     int64
	counts [fields]int64 // requests + 1, then the others
}

func toCounts(c *usage.Counts) [fields]int64 {
	return [fields]int64{
		c.Requests + 1, c.UncachedInput, c.CacheWrite5m, c.CacheWrite1h, c.CacheRead, c.Output, c.WebSearches,
	}
}

func fromCounts(v *[fields]int64) usage.Counts {
	return usage.Counts{
		Requests: v[0] - 1, UncachedInput: v[1], CacheWrite5m: v[2], CacheWrite1h: v[3], CacheRead: v[4], Output: v[5], WebSearches: v[6],
	}
}

// pack appends the packed minute to b. The cells are sorted by id, each id once.
func pack(b []byte, cells []cell) []byte {
	start := len(b)
	b = append(b, packedWhole)
	b = binary.AppendUvarint(b, uint64(len(cells)))
	before := int64(0)
	for i := range cells {
		c := &cells[i]
		b = binary.AppendUvarint(b, uint64(c.id-before))
		before = c.id
		at := len(b)
		b = append(b, 0)
		for f, v := range c.counts {
			if v != 0 {
				b[at] |= 1 << f
				b = binary.AppendUvarint(b, uint64(v))
			}
		}
	}
	return seal(b, start)
}

// unpack appends the cells of a packed minute to cells.
func unpack(cells []cell, b []byte) ([]cell, error) {
	r, n, err := open(b, packedWhole)
	if err != nil {
		return nil, err
	}
	id := int64(0)
	for range n {
		id = r.id(id)
		mask := r.byte()
		c := cell{id: id}
		if mask&wasGone != 0 {
			return nil, errPacked
		}
		for f := 0; mask != 0; f, mask = f+1, mask>>1 {
			if mask&1 == 0 {
				continue
			}
			v := r.uvarint()
			if v == 0 || v > maxCount {
				return nil, errPacked
			}
			c.counts[f] = int64(v)
		}
		if r.bad {
			return nil, errPacked
		}
		cells = append(cells, c)
	}
	return cells, r.end()
}

// errPacked is wrapped with the organization and the minute where it is met.
var errPacked = errors.New("the packed minute is damaged")

func seal(b []byte, start int) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli()))
}

// castagnoli's table is made once by the library; asking again is cheap.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// open checks what is around the combinations and returns how many there are.
func open(b []byte, version byte) (*reader, uint64, error) {
	if len(b) < 2+checkLen {
		return nil, 0, fmt.Errorf("%w: %d bytes are too few", errPacked, len(b))
	}
	body := b[:len(b)-checkLen]
	if crc32.Checksum(body, castagnoli()) != binary.LittleEndian.Uint32(b[len(body):]) {
		return nil, 0, fmt.Errorf("%w: its checksum is wrong", errPacked)
	}
	if body[0] != version {
		return nil, 0, fmt.Errorf("%w: its version is %d, not %d", errPacked, body[0], version)
	}
	r := &reader{b: body[1:]}
	n := r.uvarint()
	// A combination takes two bytes or more: what says otherwise must not make
	// us reserve memory for it.
	if r.bad || n > uint64(len(r.b))/2 {
		return nil, 0, errPacked
	}
	return r, n, nil
}

// reader reads varints; after the first bad one everything is zero and bad is set.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) uvarint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 {
		v := r.b[0]
		r.b = r.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 || r.b[n-1] == 0 { // a last byte of zero: longer than it need be
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// id reads the next combination's id.
func (r *reader) id(before int64) int64 {
	gap := r.uvarint()
	if gap == 0 || gap > math.MaxInt32 || before > math.MaxInt32 {
		r.bad = true
		return before
	}
	return before + int64(gap)
}

func (r *reader) end() error {
	if r.bad || len(r.b) != 0 {
		return errPacked
	}
	return nil
}
