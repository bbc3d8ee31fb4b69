package worker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"alerter/store"
	"alerter/usage"
)

// garbled is an answer that cannot be used.
type garbled struct{ whole bool }

func (garbled) Error() string    { return "garbled" }
func (g garbled) Unusable() bool { return g.whole }

func TestTheCauseOfAFailureIsFoundInItsChain(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for name, c := range map[string]struct {
		err  error
		want usage.Cause
	}{
		"a panic":                    {&panicError{"job panicked"}, usage.CausePanic},
		"a full disk":                {&store.FileError{Err: errors.New("full")}, usage.CauseDatabase},
		"a fault of the API":         {refusal{code: 529}, usage.CauseFault},
		"too many requests":          {refusal{code: 429}, usage.CauseRateLimit},
		"a refusal":                  {refusal{code: 404}, usage.CauseRefused},
		"a refusal beside a fault":   {errors.Join(refusal{code: 500}, refusal{code: 400}), usage.CauseRefused},
		"a full disk beside a fault": {errors.Join(refusal{code: 500}, &store.FileError{Err: errors.New("full")}), usage.CauseDatabase},
		"a deadline":                 {context.DeadlineExceeded, usage.CauseTimeout},
		"a slow dial":                {&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, usage.CauseTimeout},
		"no such name":               {&net.OpError{Op: "dial", Err: &net.DNSError{Name: "api", IsNotFound: true}}, usage.CauseDNS},
		"a slow name":                {&net.DNSError{Name: "api", IsTimeout: true}, usage.CauseDNS},
		"an unknown authority":       {&tls.CertificateVerificationError{Err: errors.New("unknown authority")}, usage.CauseTLS},
		"no TLS":                     {tls.RecordHeaderError{Msg: "first record does not look like TLS"}, usage.CauseTLS},
		"an answer of a proxy":       {garbled{whole: true}, usage.CauseAnswer},
		"nobody listens":             {refused, usage.CauseNetwork},
		"an answer that broke off":   {errors.Join(garbled{}, io.ErrUnexpectedEOF), usage.CauseNetwork},
		"something else":             {errors.New("no answer"), usage.CauseUnknown},
	} {
		if got := causeOf(fmt.Errorf("read usage: %w", c.err)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAStreakIsWorthALineAtFirstByAnotherCauseAndOnceInAWhile(t *testing.T) {
	t.Parallel()
	var s streak
	at := start
	ends := func(err error, after time.Duration, want bool, when string) {
		t.Helper()
		at = at.Add(after)
		if _, got := s.ended(at, err); got != want {
			t.Errorf("%s: got %t, want %t", when, got, want)
		}
	}
	ends(nil, 0, false, "a success at first")
	ends(refusal{code: 500}, time.Minute, true, "the first failure")
	ends(refusal{code: 503}, time.Minute, false, "another one by the same cause")
	ends(context.DeadlineExceeded, time.Minute, true, "one by another cause")
	ends(context.DeadlineExceeded, sayAgain-time.Second, false, "the same before ten minutes")
	ends(context.DeadlineExceeded, time.Second, true, "the same after ten minutes")
	ends(errors.New("a"), time.Second, true, "one that is not known")
	ends(errors.New("a"), time.Second, false, "which says the same")
	ends(errors.New("b"), time.Second, true, "which says something else")
	if failures, _ := s.ended(at, errors.New("b")); failures != 9 {
		t.Errorf("got %d failures in a row, want 9", failures)
	}
	if failures, worth := s.ended(at, nil); failures != 9 || !worth {
		t.Errorf("at the end: got %d failures (%t), want 9 and a line", failures, worth)
	}
	ends(nil, time.Minute, false, "a success after a success")
}

func TestAJobThatGoesOnFailingSaysSoOnceInAWhileWithHowOften(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newDesk(t, c.now, "acme").ready()
	d.must(limitsJob, 0)
	d.sources[0].breaks(refusal{code: 500}, "read analytics")
	for range 25 {
		c.pass(time.Minute)
		_ = d.do(usageJob, 0)
	}
	var got []any
	for _, line := range d.log.lines("job did not succeed, will run again") {
		got = append(got, line["failures"])
	}
	if want := "[1 11 21]"; fmt.Sprint(got) != want {
		t.Errorf("got lines after %v failures, want %s", got, want)
	}
	d.must("watch", 0)
	d.deliver(c)
	heard := d.box["team"].got
	advised := heard[len(heard)-1].Items[0].Text.Advice[0]
	if want := "The Admin API has a fault of its own: see https://status.claude.com whether it is known. Nothing is to be done here."; advised != want {
		t.Errorf("got advice %q, want %q", advised, want)
	}
}
