package evaluate_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"alerter/evaluate"
)

func TestShareIsReadAsPercentOrRatio(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]evaluate.Share{
		"80%": 0.8, "0.8": 0.8, "92.5%": 0.925, "7%": 0.07, "100%": 1, "1": 1, "1000%": 10, "0.5%": 0.005, "085%": 0.85,
	} {
		var got evaluate.Share
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %v (%v), want %v", text, float64(got), err, float64(want))
		}
	}
}

func TestShareRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"85 %x":  `"85 %x" is not a share: write 80% or 0.8`,
		"":       `"" is not a share: write 80% or 0.8`,
		"%":      `"%" is not a share: write 80% or 0.8`,
		"85 %":   `"85 %" is not a share: write 80% or 0.8`,
		"NaN":    `"NaN" is not a share: write 80% or 0.8`,
		"Inf%":   `"Inf%" is not a share: write 80% or 0.8`,
		"1e3":    `"1e3" is not a share: write 80% or 0.8`,
		"0x1p-2": `"0x1p-2" is not a share: write 80% or 0.8`,
		".5":     `".5" is not a share: write 80% or 0.8`,
		"5.":     `"5." is not a share: write 80% or 0.8`,
		"85%%":   `"85%%" is not a share: write 80% or 0.8`,
		"-5%":    `"-5%" is not above zero, as a share must be: write 80% or 0.8`,
		"0%":     `"0%" is not above zero, as a share must be: write 80% or 0.8`,
		"85":     `"85" is more than 1000%: write 80% or 0.8`,
		"1001%":  `"1001%" is more than 1000%: write 80% or 0.8`,
	} {
		var got evaluate.Share
		err := got.UnmarshalText([]byte(text))
		if err == nil || err.Error() != want || got != 0 {
			t.Errorf("%q: got %v, %v, want the error %s", text, float64(got), err, want)
		}
	}
}

func TestShareIsWrittenInPercent(t *testing.T) {
	t.Parallel()
	for share, want := range map[evaluate.Share]string{
		0.85: "85%", 0.07: "7%", 0.925: "92.5%", 1: "100%", 10: "1000%", 0.005: "0.5%", 0: "0%", 0.9375: "93.75%",
	} {
		if got := share.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, share := range []evaluate.Share{-0.1, 11} {
		if text, err := json.Marshal(share); err == nil {
			t.Errorf("%v: got %s, want an error", float64(share), text)
		}
	}
}

func TestEveryShareIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := evaluate.Share(rapid.Float64Range(1e-9, 10).Draw(t, "share"))
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got evaluate.Share
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%s: got %v (%v), want %v", text, float64(got), err, float64(want))
		}
	})
}
