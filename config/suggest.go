package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// didYouMean is " (did you mean "x"?)" for the known word that word is most
// likely a slip of, or nothing where none is near.
func didYouMean(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// maxWord is the length above which a word is no slip of a key or a name.
const maxWord = 64

// nearest returns the known word with the fewest slips from word, the first in
// the alphabet of several, or nothing if all are too far: a word of three
// letters may have one slip, one of nine three. A word cut short is near too:
// warn for warning.
func nearest(word string, known []string) string {
	word = plain(word)
	length := utf8.RuneCountInString(word)
	if length > maxWord {
		return ""
	}
	allowed := max(1, min(3, length/3))
	best, fewest, begun := "", allowed+1, ""
	for _, k := range slices.Sorted(slices.Values(known)) {
		if begun == "" && length >= 3 && strings.HasPrefix(plain(k), word) {
			begun = k
		}
		if apart := utf8.RuneCountInString(k) - length; apart > allowed || -apart > allowed {
			continue
		}
		if d := slips(word, plain(k)); d < fewest {
			best, fewest = k, d
		}
	}
	if best == "" {
		return begun
	}
	return best
}

// plain is a word without what people vary freely.
func plain(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "-", "_")
}

// slips counts the letters added, left out, replaced or swapped with their
// neighbour between a and b (the optimal string alignment distance).
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			replaced := d[i-1][j-1]
			if x[i-1] != y[j-1] {
				replaced++
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, replaced)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
