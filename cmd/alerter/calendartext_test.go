package main

import (
	"testing"
	"time"
)

func TestACalendarIsAsFineAsFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		from   string
		days   float64
		header string
	}{
		{"three hours", "2026-11-23T08:00:00Z", 0.125, "08:00 09:00 10:00"},
		{"two days", "2026-11-22T12:30:00Z", 2, "            Mon 23 Nov              Tue 24 Nov"},
		{"two weeks", "2026-11-09T00:00:00Z", 14, "09  10  11  12  13  14  15  16  17  18  19  20  21  22"},
		{"two weeks from within a day", "2026-11-09T13:01:00Z", 14, "  10  11  12  13  14  15  16  17  18  19  20  21  22  23"},
		{"six weeks", "2026-11-09T00:00:00Z", 42, "09 Nov 16 Nov 23 Nov 30 Nov 07 Dec 14 Dec"},
		{"a year", "2026-01-01T00:00:00Z", 365, "     02 Feb  30 Mar  25 May  20 Jul  14 Sep  09 Nov"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from, err := time.Parse(time.RFC3339, c.from)
			if err != nil {
				t.Fatal(err)
			}
			to := from.Add(time.Duration(c.days * 24 * float64(time.Hour)))
			scale := scaleOf(from, to)
			marks := int((to.Sub(from.Truncate(scale.mark)) + scale.mark - 1) / scale.mark)
			if marks > calendarColumns {
				t.Errorf("got %d marks, want at most %d", marks, calendarColumns)
			}
			if got := scale.header(from, marks); got != c.header {
				t.Errorf("got header %q, want %q", got, c.header)
			}
		})
	}
}

func TestWhatALocaleCanShow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"LANG": "C"}, false},
		{map[string]string{"LANG": "en_US.UTF-8"}, true},
		{map[string]string{"LANG": "C.utf8"}, true},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, false},
		{map[string]string{"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, true},
	} {
		p := &program{env: func(name string) (string, bool) { v, ok := c.env[name]; return v, ok }}
		if got := p.utf8(); got != c.want {
			t.Errorf("%v: got %t, want %t", c.env, got, c.want)
		}
	}
}
