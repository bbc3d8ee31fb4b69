package evaluate_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alerter/evaluate"
	"alerter/usage"
)

// week is a limit whose use is known from some time before noon on, a share of it
// each minute; the rest of what is surveyed is not known.
type week struct {
	limiter usage.Limiter
	limit   float64
	before  []float64 // up to noon
	shares  []float64 // from noon on
	asked   []time.Duration
}

// series is a piece of it.
func (w *week) series(from, to time.Time) ([]usage.Series, error) {
	w.asked = append(w.asked, from.Sub(noon))
	s := usage.Series{ID: usage.ID{Limiter: w.limiter}, From: from}
	for minute := from; minute.Before(to); minute = minute.Add(time.Minute) {
		p := usage.Point{Used: math.NaN(), Limit: w.limit}
		if i := int(minute.Sub(noon) / time.Minute); i >= 0 && i < len(w.shares) {
			p.Used = w.shares[i] * w.limit
		} else if i = len(w.before) + i; i >= 0 && minute.Before(noon) {
			p.Used = w.before[i] * w.limit
		}
		if !math.IsNaN(p.Used) {
			s.Settled = len(s.Points) + 1
		}
		s.Points = append(s.Points, p)
	}
	return []usage.Series{s}, nil
}

// fared surveys it from noon to the end of its shares.
func fared(t *testing.T, w *week) evaluate.Fared {
	t.Helper()
	if w.limit == 0 {
		w.limit = 1000
	}
	if w.limiter == "" {
		w.limiter = usage.OutputTokens
	}
	to := noon.Add(time.Duration(len(w.shares)) * time.Minute)
	all, err := evaluate.Survey(noon, to, 5*time.Minute, w.series)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d limits, %v, want one", len(all), err)
	}
	return all[0]
}

// nearly compares numbers as people would.
var nearly = cmp.Options{
	cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9),
	cmp.Transformer("plain", func(n evaluate.Number) float64 { return float64(n) }),
}

func minuteOf(i int) time.Time { return noon.Add(time.Duration(i) * time.Minute) }

// flat is so many minutes of a share.
func flat(n int, share float64) []float64 { return slices.Repeat([]float64{share}, n) }

func TestASurveyFindsTheHighestPressureAndWhen(t *testing.T) {
	t.Parallel()
	got := fared(t, &week{shares: slices.Concat(flat(60, 0.2), flat(15, 0.8), flat(2000, 0.1))})
	want := evaluate.Fared{
		ID: usage.ID{Limiter: usage.OutputTokens}, Limit: 1000,
		Peak: 0.75, PeakAt: minuteOf(74), PeakLimit: 1000, Known: 2075, Days: 2, // 15 · 0.8 / (15 + 1)
	}
	if diff := cmp.Diff(want, got, nearly); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASurveyCountsTheDaysOnWhichALimitWasNear(t *testing.T) {
	t.Parallel()
	day := slices.Concat(flat(600, 0.1), flat(20, 0.95), flat(820, 0.1)) // noon to noon
	got := fared(t, &week{shares: slices.Concat(day, flat(1440, 0.1), day)})
	if got.NearDays != 2 || got.Days != 4 {
		t.Errorf("got near on %d of %d days, want 2 of 4", got.NearDays, got.Days)
	}
}

func TestWhatIsNotKnownIsNeitherUsedNorCounted(t *testing.T) {
	t.Parallel()
	if got := fared(t, &week{shares: flat(30, math.NaN())}); got.Peak.Known() || got.Known != 0 || got.Limit != 1000 {
		t.Errorf("got a peak of %v in %d minutes, limit %v, want nothing but the limit known", got.Peak, got.Known, got.Limit)
	}
	if got := fared(t, &week{shares: flat(30, 0)}); got.Peak != 0 || got.Known != 30 || !got.PeakAt.IsZero() {
		t.Errorf("got a peak of %v at %v, want none used", got.Peak, got.PeakAt)
	}
	gap := slices.Concat(flat(10, 0.5), flat(10, math.NaN()), flat(10, 0.5))
	if got := fared(t, &week{shares: gap}); got.Known != 20 || math.Abs(float64(got.Peak)-5.0/11) > 1e-9 {
		t.Errorf("got a peak of %v in %d minutes, want 5/11 in 20", got.Peak, got.Known)
	}
}

func TestALimitPerDayIsReadAsItIs(t *testing.T) {
	t.Parallel()
	got := fared(t, &week{limiter: usage.TokensPerDay, shares: []float64{0.7, 1.2, 0.9}})
	if got.Peak != 1.2 || !got.PeakAt.Equal(minuteOf(1)) || got.NearDays != 1 || got.Reached != nil {
		t.Errorf("got %+v, want 1.2 in the second minute and no bucket", got)
	}
}

func TestASurveySaysWhenALimitWasReachedAndWhatCouldBeSeenBefore(t *testing.T) {
	t.Parallel()
	got := fared(t, &week{shares: slices.Concat(
		flat(30, 0.6), flat(1, 3), flat(5, 0), flat(1, 3), flat(40, 0), // two minutes, six apart
		flat(5, math.NaN()), flat(10, 0.2), flat(1, 3), flat(5, 0),
	)})
	want := []evaluate.TimeAtLimit{
		// Five minutes before, minutes were complete up to the one five minutes before that.
		{From: minuteOf(30), To: minuteOf(37), Shown: 9.0 / 16},
		{From: minuteOf(92), To: minuteOf(93), Shown: evaluate.Unknown()},
	}
	if diff := cmp.Diff(want, got.Reached, nearly); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASurveyFollowsTheBucketFromBeforeItsTime(t *testing.T) {
	t.Parallel()
	before := flat(180, 0.1)
	before[150], before[179] = 3, 1.7
	got := fared(t, &week{before: before, shares: flat(5, 0.98)})
	if len(got.Reached) != 0 || got.Known != 5 {
		t.Errorf("got %v in %d minutes, want what was before not to count", got.Reached, got.Known)
	}
	got = fared(t, &week{before: before, shares: flat(5, 1.2)})
	if len(got.Reached) != 1 || !got.Reached[0].From.Equal(noon) {
		t.Errorf("got %v, want the bucket to be as empty as it was", got.Reached)
	}
}

func TestASurveyInPiecesIsASurveyAtOnce(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	w := &week{before: flat(180, 0.5), shares: make([]float64, 24*60)}
	for i := range w.shares {
		w.shares[i] = 1.6 * random.Float64()
		if random.IntN(50) == 0 {
			w.shares[i] = math.NaN()
		}
	}
	got := fared(t, w)
	if want := []time.Duration{-2 * time.Hour, -time.Hour}; !cmp.Equal(w.asked, want) {
		t.Fatalf("got pieces from %v, want %v", w.asked, want)
	}
	var peak float64
	u := slices.Concat(w.before, w.shares)
	for i, share := range u {
		if math.IsNaN(share) {
			u[i] = 0
		}
	}
	for i := range w.shares {
		if !math.IsNaN(w.shares[i]) {
			rate, _ := usage.Pressure(u[180+i-14:180+i+1], 1)
			peak = max(peak, rate)
		}
	}
	if math.Abs(float64(got.Peak)-peak) > 1e-9 {
		t.Errorf("got a peak of %v, want %v", got.Peak, peak)
	}
	// Ten thousand limits are asked for an hour, or a little more, at a time.
	crowd := func(from, to time.Time) ([]usage.Series, error) {
		one, err := w.series(from, to)
		return slices.Concat(one, make([]usage.Series, 10_000)), err
	}
	w.asked = nil
	to := minuteOf(len(w.shares))
	all, err := evaluate.Survey(noon, to, 5*time.Minute, crowd)
	if err != nil || len(w.asked) < 10 {
		t.Fatalf("got %d pieces, %v, want many", len(w.asked), err)
	}
	if diff := cmp.Diff(got, all[0], nearly); diff != "" {
		t.Errorf("in pieces (-at once +in pieces):\n%s", diff)
	}
}

func TestASurveyEndsWithWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := evaluate.Survey(noon, noon.Add(time.Hour), 0, func(time.Time, time.Time) ([]usage.Series, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}
