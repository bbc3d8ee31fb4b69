package evaluate_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"alerter/evaluate"
)

func TestDurationIsReadAsInPrometheus(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "90s": 90 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute,
		"30d": 30 * 24 * time.Hour, "1w": 7 * 24 * time.Hour, "1y": 365 * 24 * time.Hour, "10ms": 10 * time.Millisecond,
		"1y2w3d4h5m6s7ms": (365+14+3)*24*time.Hour + 4*time.Hour + 5*time.Minute + 6*time.Second + 7*time.Millisecond,
	} {
		var got evaluate.Duration
		if err := got.UnmarshalText([]byte(text)); err != nil || time.Duration(got) != want {
			t.Errorf("%q: got %v (%v), want %v", text, time.Duration(got), err, want)
		}
	}
}

func TestDurationRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	none := func(text string) string { return `"` + text + `" is not a duration: write 90s, 5m, 1h30m or 30d` }
	for text, want := range map[string]string{
		"": none(""), "5": none("5"), "-5m": none("-5m"), "m": none("m"), "5min": none("5min"), "1.5h": none("1.5h"),
		"5m1h": none("5m1h"), "5m5m": none("5m5m"), "1h 30m": none("1h 30m"), "5m3": none("5m3"),
		"300y":                  `"300y" is too long a duration`,
		"99999999999999999999s": `"99999999999999999999s" is too long a duration`,
		"292y999w":              `"292y999w" is too long a duration`,
	} {
		var got evaluate.Duration
		err := got.UnmarshalText([]byte(text))
		if err == nil || err.Error() != want || got != 0 {
			t.Errorf("%q: got %v, %v, want the error %s", text, got, err, want)
		}
	}
}

func TestDurationIsWrittenAsInPrometheus(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 90 * time.Second: "1m30s", time.Hour: "1h", 28 * 24 * time.Hour: "4w", 90 * 24 * time.Hour: "90d",
		2 * 365 * 24 * time.Hour: "2y", 1500 * time.Millisecond: "1s500ms", -time.Minute: "-1m0s",
	} {
		if got := evaluate.Duration(d).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, d := range []time.Duration{-time.Second, time.Microsecond} {
		if text, err := evaluate.Duration(d).MarshalText(); err == nil {
			t.Errorf("%v: got %s, want an error", d, text)
		}
	}
}

func TestEveryDurationIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := evaluate.Duration(rapid.Int64Range(0, 9e12).Draw(t, "milliseconds")) * evaluate.Duration(time.Millisecond)
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got evaluate.Duration
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%s: got %v (%v), want %v", text, got, err, want)
		}
	})
}
