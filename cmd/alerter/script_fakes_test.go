package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"alerter/fetch/simulate"
)

// scriptKey is the admin key of scripts, and the only one their API lets in.
const scriptKey = "sk-ant-admin01-of-the-scripts"

// scriptLimit is the organization's output tokens per minute in scripts.
const scriptLimit = 1000

// simulateAPI starts an Admin API on real time, and puts its address into $API.
// The workspace prod of the organization Acme uses a share of the output limit
// of Claude Opus 5.5 in every minute from two hours ago on, which is put into
// $SINCE; stops may be told over HTTP (POST $API/simulate/faults):
//
//	simulate PERCENT
func simulateAPI(ts *script, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: simulate PERCENT")
	}
	percent, err := strconv.Atoi(args[0])
	ts.Check(err)
	organization := scriptOrganization(time.Now().UTC(), int64(percent)*scriptLimit/100)
	server, err := simulate.New(organization)
	ts.Check(err)
	ts.Setenv("SINCE", organization.Traffic.Epoch.Format(time.RFC3339))
	serve(ts, "API", server)
}

// scriptOrganization has one workspace that uses output tokens steadily.
func scriptOrganization(at time.Time, output int64) simulate.Config {
	made := at.AddDate(0, -1, 0)
	stream := simulate.Stream{Workspace: "wrkspc_prod", Model: "claude-opus-5-5", Product: "messages_api", ServiceTier: "standard", Speed: "standard"}
	first := at.Truncate(time.Minute).Add(-2 * time.Hour)
	for minute := range 180 {
		stream.Rows = append(stream.Rows, simulate.Row{
			At: first.Add(time.Duration(minute) * time.Minute), Counts: simulate.Counts{Requests: 1, Output: output},
		})
	}
	return simulate.Config{
		Organization: simulate.Organization{
			ID: "5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d2e70", Name: "Acme",
			Workspaces: []simulate.Workspace{
				{ID: "wrkspc_default", Name: "Default", Default: true, CreatedAt: made},
				{ID: "wrkspc_prod", Name: "prod", CreatedAt: made},
			},
			Groups: []simulate.Group{{
				ID: "rlg_opus", RateLimitID: "rl_opus", Type: "model_group", Name: "Claude Opus 5.5", Models: []string{"claude-opus-5-5"},
				Limits: []simulate.Limit{{Type: "output_tokens_per_minute", Value: scriptLimit}},
			}},
		},
		Traffic:   simulate.Traffic{Epoch: first, Streams: []simulate.Stream{stream}},
		Now:       time.Now,
		AdminKeys: []string{scriptKey},
	}
}

// serve serves on a free port until the script ends, and puts the address into
// a variable.
func serve(ts *script, variable string, h http.Handler) {
	server := httptest.NewServer(h)
	ts.Defer(func() {
		server.CloseClientConnections()
		server.Close()
	})
	ts.Setenv(variable, server.URL)
}

// webhookReceiver starts a receiver that answers with a status, or never, and
// puts its address into a variable. What it hears is in VARIABLE.heard, one line a
// message, and whole in VARIABLE-1.json, VARIABLE-2.json …:
//
//	webhook VARIABLE STATUS|hang
func webhookReceiver(ts *script, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: webhook VARIABLE STATUS|hang")
	}
	status, err := strconv.Atoi(strings.Replace(args[1], "hang", "0", 1))
	ts.Check(err)
	heard, err := os.Create(ts.MkAbs(args[0] + ".heard"))
	ts.Check(err)
	ts.Defer(func() { _ = heard.Close() })
	r := &recorder{status: status, heard: heard, folder: ts.MkAbs("."), name: args[0]}
	serve(ts, args[0], r)
}

// recorder is a webhook receiver that writes down what it hears.
type recorder struct {
	status       int // 0: no answer
	folder, name string
	mu           sync.Mutex
	heard        io.Writer
	count        int
}

// ServeHTTP writes the message down before it answers.
func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if err := r.record(req); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.status == 0 {
		<-req.Context().Done()
		return
	}
	w.WriteHeader(r.status)
}

func (r *recorder) record(req *http.Request) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	r.count++
	if err := os.WriteFile(fmt.Sprintf("%s/%s-%d.json", r.folder, r.name, r.count), body, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintln(r.heard, heardLine(body))
	return err
}

// heardLine is a message in a line: its type, and of each alert what it is about.
func heardLine(body []byte) string {
	var m struct {
		Type string
		Data struct {
			Alerts []struct{ Labels map[string]string }
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return "not JSON: " + err.Error()
	}
	line := []string{m.Type}
	for _, a := range m.Data.Alerts {
		l := a.Labels
		line = append(line, fmt.Sprintf("%s(%s,%s,%s,%s)", l["alertname"], l["severity"], l["workspace"], l["model_group"], l["limiter"]))
	}
	return strings.Join(line, " ")
}

// port finds a free port of this machine and puts its address into a variable:
//
//	port VARIABLE
func port(ts *script, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: port VARIABLE")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// httpCall calls an address and compares the status; the answer becomes the
// standard output. A file is sent as the body, NAME=VALUE as a header:
//
//	http STATUS METHOD URL [FILE] [NAME=VALUE]…
func httpCall(ts *script, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: http STATUS METHOD URL [FILE] [NAME=VALUE]…")
	}
	status, body := call(ts, args[1], args[2], args[3:])
	fmt.Fprint(ts.Stdout(), body)
	if got := strconv.Itoa(status); got != args[0] {
		ts.Fatalf("%s %s: got status %s, want %s", args[1], args[2], got, args[0])
	}
}

// call makes one HTTP call with a file as its body and with headers.
func call(ts *script, method, url string, args []string) (status int, answer string) {
	var body []byte
	header := http.Header{}
	for _, arg := range args {
		if name, value, ok := strings.Cut(arg, "="); ok {
			header.Set(name, value)
			continue
		}
		body = []byte(ts.ReadFile(arg))
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	ts.Check(err)
	req.Header = header
	client := http.Client{Timeout: patience}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp.StatusCode, string(text)
}
