package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alerter/usage"
)

func drawCells(t *rapid.T, what string) []cell {
	ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 40), 0, 20, rapid.ID[int64]).Draw(t, what)
	slices.Sort(ids)
	cells := []cell{}
	for _, id := range ids {
		c := cell{id: id}
		for f := range c.counts {
			c.counts[f] = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 300), rapid.Int64Range(0, maxCount)).Draw(t, "count")
		}
		cells = append(cells, c)
	}
	return cells
}

var cellsEqual = gocmp.AllowUnexported(cell{})

func TestPackedMinutesUnpackToTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawCells(t, "cells")
		got, err := unpack([]cell{}, pack(nil, want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, cellsEqual); diff != "" {
			t.Fatalf("unpacked (-want +got):\n%s", diff)
		}
	})
}

func TestAChangeLeadsBackToTheEarlierValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		later, earlier := drawCells(t, "later"), drawCells(t, "earlier")
		got, err := applyChange([]cell{}, later, packChange(nil, later, earlier))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(earlier, got, cellsEqual); diff != "" {
			t.Fatalf("earlier (-want +got):\n%s", diff)
		}
	})
}

func TestEveryDamagedByteIsNoticed(t *testing.T) {
	t.Parallel()
	whole := pack(nil, []cell{{id: 3, counts: toCounts(&usage.Counts{Requests: 7, Output: 300})}, {id: 9}})
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			if _, err := unpack(nil, b); !errors.Is(err, errPacked) {
				t.Errorf("byte %d, bit %d flipped: got error %v", i, bit, err)
			}
		}
	}
	for n := range whole {
		if _, err := unpack(nil, whole[:n]); !errors.Is(err, errPacked) {
			t.Errorf("cut to %d bytes: got error %v", n, err)
		}
	}
}

func TestAPackedSeriesPointTakesAFewBytes(t *testing.T) {
	t.Parallel()
	// The middle of what the report shows: 30 requests, 20,000 tokens in, 120,000
	// from the cache, 4,000 out, each combination with points in three series.
	cells := make([]cell, 1000)
	for i := range cells {
		cells[i] = cell{id: int64(i + 1), counts: toCounts(&usage.Counts{
			Requests: 30, UncachedInput: 20_000, CacheRead: 120_000, Output: 4_000,
		})}
	}
	if got := float64(len(pack(nil, cells))) / 3000; got > 4 {
		t.Errorf("got %.1f bytes a point, want 4 or less", got)
	}
}

// FuzzUnpack gives the decoder bodies with a right checksum: it must refuse them
// or unpack what packs to the same bytes again.
func FuzzUnpack(f *testing.F) {
	whole := pack(nil, []cell{{id: 3, counts: toCounts(&usage.Counts{Requests: 7, Output: 300})}, {id: 9}})
	f.Add(whole[:len(whole)-checkLen])
	f.Add([]byte{packedWhole, 0})
	f.Add([]byte{packedWhole, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.Checksum(body, castagnoli()))
		cells, err := unpack(nil, b)
		if err != nil {
			if !errors.Is(err, errPacked) {
				t.Errorf("got error %v, want one that is errPacked", err)
			}
			return
		}
		if again := pack(nil, cells); !bytes.Equal(again, b) {
			t.Errorf("got % x packed again, want % x", again, b)
		}
	})
}

// FuzzApplyChange does the same for changes, against a fixed later value.
func FuzzApplyChange(f *testing.F) {
	later := []cell{{id: 2, counts: [fields]int64{1, 2, 3}}, {id: 5, counts: [fields]int64{0, 0, 0, 0, 0, 9}}}
	change := packChange(nil, later, []cell{{id: 2, counts: [fields]int64{1, 1, 3}}, {id: 7}})
	f.Add(change[:len(change)-checkLen])
	f.Add([]byte{packedChange, 1, 2, wasGone})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.Checksum(body, castagnoli()))
		cells, err := applyChange(nil, later, b)
		if err != nil {
			if !errors.Is(err, errPacked) {
				t.Errorf("got error %v, want one that is errPacked", err)
			}
			return
		}
		if !slices.IsSortedFunc(cells, func(a, b cell) int { return int(a.id - b.id) }) {
			t.Errorf("got cells out of order: %v", cells)
		}
		if _, err := unpack(nil, pack(nil, cells)); err != nil {
			t.Errorf("the earlier value cannot be packed: %v", err)
		}
	})
}
