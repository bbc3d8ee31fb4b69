package config

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests name zones, and the machine may have none
)

func TestSchedulesRunAtTheirTimes(t *testing.T) {
	t.Parallel()
	berlin, err := parseZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.March, 10, 8, 30, 15, 0, time.UTC)
	for _, c := range []struct {
		text string
		loc  *time.Location
		want time.Time
	}{
		{"@every 1m", time.UTC, at.Add(time.Minute)},
		{" @every  90s ", time.UTC, at.Add(90 * time.Second)},
		{"@every 1d", time.UTC, at.Add(24 * time.Hour)},
		{"@hourly", time.UTC, time.Date(2026, time.March, 10, 9, 0, 0, 0, time.UTC)},
		{"*/15 * * * *", time.UTC, time.Date(2026, time.March, 10, 8, 45, 0, 0, time.UTC)},
		{"0 9 * * 1-5", time.UTC, time.Date(2026, time.March, 10, 9, 0, 0, 0, time.UTC)},
		{"0 9 * * 1-5", berlin, time.Date(2026, time.March, 11, 8, 0, 0, 0, time.UTC)},
		{"TZ=Europe/Berlin 0 10 * * *", time.UTC, time.Date(2026, time.March, 10, 9, 0, 0, 0, time.UTC)},
		{"CRON_TZ=UTC 0 10 * * *", berlin, time.Date(2026, time.March, 10, 10, 0, 0, 0, time.UTC)},
		{"0 0 29 2 *", time.UTC, time.Date(2028, time.February, 29, 0, 0, 0, 0, time.UTC)},
	} {
		s, err := parseCron(c.text, c.loc)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := s.Next(at).UTC(); !got.Equal(c.want) {
			t.Errorf("%s in %s: got %s, want %s", c.text, c.loc, got, c.want)
		}
		// Whoever asks in another zone is told the same moment.
		if got := s.Next(at.In(time.FixedZone("far", 9*3600))).UTC(); !got.Equal(c.want) {
			t.Errorf("%s in %s, asked from afar: got %s, want %s", c.text, c.loc, got, c.want)
		}
	}
}

func TestSchedulesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "@", "@every", "@every ", "@every 0s", "@every 0", "@every -1m", "@every 1ms", "@every 1s1ms", "@every 1.5h", "@every soon",
		"@reboot", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7",
		"0 0 30 2 *", "0 0 31 4 *", ", * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *",
		"TZ=UTC", "TZ=", "CRON_TZ=", "TZ= * * * * *x", "TZ=Mars/Base * * * * *", "TZ=Local * * * * *", "TZ=UTC @every 0s", "-1 * * * *",
	} {
		if s, err := parseCron(text, time.UTC); err == nil {
			t.Errorf("%q: got %v, want it refused", text, s)
		}
	}
}

func TestZonesHaveNames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"UTC": true, "Europe/Berlin": true, "America/New_York": true, "": true, // as Go has it, no name is UTC
		"Local": false, "Berlin": false, "../etc/passwd": false, "CEST": false,
	} {
		if _, err := parseZone(name); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %t", name, err, ok)
		}
	}
}
