package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a script waits for what must come: much longer than it
// takes, for machines that have much else to do.
const patience = 60 * time.Second

// pollPause is how long a waiting script lies still between two looks.
const pollPause = 50 * time.Millisecond

// until looks every pollPause until done reports true, or patience is at its end.
func until(done func() bool) bool {
	ticker := time.NewTicker(pollPause)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-ticker.C {
		if done() {
			return true
		}
	}
	return done()
}

// exits runs a program and compares its exit code:
//
//	exits CODE PROGRAM ARG…
func exits(ts *script, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts, ts.Exec(args[1], args[2:]...)); got != want {
		ts.Fatalf("got exit code %d, want %d", got, want)
	}
}

func exitCode(ts *script, err error) int {
	if err == nil {
		return 0
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		ts.Fatalf("%v", err)
	}
	return exit.ExitCode()
}

// services are the programs that a script runs in the background, by name.
type services map[string]*background

// servicesOf is the key of a script's services among its values.
type servicesOf struct{}

// background is a program that runs while the script goes on.
type background struct {
	process *os.Process
	done    chan struct{} // closed when it has ended
	code    int           // exit code, once it has ended
}

// start runs a program in the background; its output is in NAME.out and NAME.err:
//
//	start NAME PROGRAM ARG…
func start(ts *script, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME PROGRAM ARG…")
	}
	name := args[0]
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	cmd := exec.Command(path, args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = environment(ts)
	var files []*os.File
	for _, end := range []string{".out", ".err"} {
		f, err := os.Create(ts.MkAbs(name + end))
		ts.Check(err)
		files = append(files, f)
	}
	cmd.Stdout, cmd.Stderr = files[0], files[1]
	ts.Check(cmd.Start())
	b := &background{process: cmd.Process, done: make(chan struct{})}
	ts.Value(servicesOf{}).(services)[name] = b
	go func() {
		defer close(b.done)
		_ = cmd.Wait() // the code says how it ended
		b.code = cmd.ProcessState.ExitCode()
		for _, f := range files {
			_ = f.Close()
		}
	}()
	ts.Defer(func() {
		_ = b.process.Kill() // it may be gone
		<-b.done
	})
}

// passed are the variables of a script that its programs in the background see.
var passed = []string{
	"PATH", "HOME", "TMPDIR", "WORK", "API", "PAGE", "HOOK", "SECOND", "NO_COLOR",
	"ANTHROPIC_ADMIN_KEY", "ALERTER_CONFIG", "ALERTER_LOG_LEVEL", "ALERTER_LOG_FORMAT",
}

func environment(ts *script) []string {
	var env []string
	for _, name := range passed {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func started(ts *script, name string) *background {
	b := ts.Value(servicesOf{}).(services)[name]
	if b == nil {
		ts.Fatalf("nothing was started as %q", name)
	}
	return b
}

// signalService sends a signal to a program in the background:
//
//	signal NAME TERM|INT|HUP
func signalService(ts *script, neg bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP}
	if neg || len(args) != 2 || signals[args[1]] == nil {
		ts.Fatalf("usage: signal NAME TERM|INT|HUP")
	}
	ts.Check(started(ts, args[0]).process.Signal(signals[args[1]]))
}

// ended waits until a program in the background has ended, and compares its exit
// code. That a stop takes ten seconds at most is tested in worker, where no other
// program slows the clock down:
//
//	ended NAME CODE
func ended(ts *script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ended NAME CODE")
	}
	b := started(ts, args[0])
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-b.done:
	case <-timer.C:
		ts.Fatalf("%s still runs after %s\n%s", args[0], patience, ts.ReadFile(args[0]+".err"))
	}
	if got := strconv.Itoa(b.code); got != args[1] {
		ts.Fatalf("%s: got exit code %s, want %s\n%s", args[0], got, args[1], ts.ReadFile(args[0]+".err"))
	}
}

// waitFor waits until a file is there and matches:
//
//	waitfor FILE REGEXP
func waitFor(ts *script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE REGEXP")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var content []byte
	if !until(func() bool {
		content, _ = os.ReadFile(ts.MkAbs(args[0])) // not there yet is empty
		return pattern.Match(content)
	}) {
		ts.Fatalf("%s does not match %q after %s:\n%s%s", args[0], args[1], patience, content, othersOf(ts, args[0]))
	}
}

// othersOf is the log of the service whose output was waited for in vain.
func othersOf(ts *script, file string) string {
	name := strings.TrimSuffix(file, filepath.Ext(file)) + ".err"
	if b, err := os.ReadFile(ts.MkAbs(name)); err == nil && name != file {
		return "\n" + name + ":\n" + string(b)
	}
	return ""
}

// eventually runs a program, or asks an address, again and again until the
// output matches:
//
//	eventually REGEXP PROGRAM ARG…
//	eventually REGEXP http URL
func eventually(ts *script, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually REGEXP PROGRAM ARG…, or REGEXP http URL")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	output := func() string {
		if args[1] == "http" {
			_, answer := call(ts, "GET", args[2], nil)
			return answer
		}
		if err := ts.Exec(args[1], args[2:]...); err != nil {
			return ""
		}
		return ts.ReadFile("stdout")
	}
	if !until(func() bool { return pattern.MatchString(output()) }) {
		ts.Fatalf("no output matched %q in %s; the last was:\n%s", args[0], patience, output())
	}
}

// globCount counts the files that a pattern names:
//
//	glob -count=N PATTERN
func globCount(ts *script, neg bool, args []string) {
	if neg || len(args) != 2 || !strings.HasPrefix(args[0], "-count=") {
		ts.Fatalf("usage: glob -count=N PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if got, want := strconv.Itoa(len(found)), strings.TrimPrefix(args[0], "-count="); got != want {
		ts.Fatalf("got %s files, want %s: %q", got, want, found)
	}
}
