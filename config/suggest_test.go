package config

import "testing"

func TestNearWordsAreSuggested(t *testing.T) {
	t.Parallel()
	known := []string{"threshold", "pressure", "for", "match", "admin_key", "admin_key_file", "warning", "critical", "web", "url", "über"}
	for word, want := range map[string]string{
		"treshold":       "threshold",
		"thershold":      "threshold",
		"Threshold":      "threshold",
		"thrsheold":      "threshold",
		"thresholdd":     "threshold",
		"admin-key":      "admin_key",
		"adminkey":       "admin_key",
		"admin_key_fle":  "admin_key_file",
		"fro":            "for",
		"four":           "for",
		"uber":           "über",
		"warn":           "warning",
		"crit":           "critical",
		"mtch":           "match",
		"spend":          "",
		"x":              "",
		"ur":             "url",
		"live":           "",
		"time_intervals": "",
		"":               "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
	if got := didYouMean("anything", nil); got != "" {
		t.Errorf("got %q, want no suggestion from nothing", got)
	}
}

func TestSlipsAreCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "axc", 1}, {"abcd", "badc", 2}, {"kitten", "sitting", 3},
	} {
		if got := slips(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: got %d, want %d", c.a, c.b, got, c.want)
		}
		if got := slips(c.b, c.a); got != c.want {
			t.Errorf("%s and %s: got %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
