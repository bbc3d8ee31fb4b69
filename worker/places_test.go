package worker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"alerter/notify"
)

// takes is what every provider answers that has taken a message in, in one.
const takes = `{"ok":true,"channel":"C0123456789","ts":"1.2","id":"1","channel_id":"2","result":{"message_id":77}}`

// settingsTo are the settings of each kind of receiver, with its place at an
// address. A new kind is a line here.
var settingsTo = map[string]func(address string) string{
	"alertmanager": func(a string) string { return fmt.Sprintf(`{"urls":[%q],"allow_private_networks":true}`, a) },
	"discord":      func(a string) string { return fmt.Sprintf(`{"webhook_url":%q}`, a+"/api/webhooks/1/x") },
	"jsm":          func(a string) string { return fmt.Sprintf(`{"api_key":"x","url":%q}`, a) },
	"ntfy":         func(a string) string { return fmt.Sprintf(`{"topic":"x","url":%q}`, a) },
	"pagerduty": func(a string) string {
		return fmt.Sprintf(`{"routing_key":"0123456789abcdef0123456789abcdef","url":%q}`, a)
	},
	"slack": func(a string) string {
		return fmt.Sprintf(`{"channel":"C0123456789","token":"xoxb-1","api_url":%q}`, a)
	},
	"teams":    func(a string) string { return fmt.Sprintf(`{"webhook_url":%q}`, a+"/workflows/x") },
	"telegram": func(a string) string { return fmt.Sprintf(`{"api_url":%q,"token":"1:x","chat":"-1001234567890"}`, a) },
	"webhook":  func(a string) string { return fmt.Sprintf(`{"url":%q,"allow_private_networks":true}`, a) },
	"email": func(a string) string {
		_, host, _ := strings.Cut(a, "://")
		return fmt.Sprintf(`{"to":["a@example.com"],"from":"b@example.com","smarthost":%q,"require_tls":false}`, host)
	},
	"console": nil, // it has no place: what it prints is there
}

// channelTo makes a channel of the kind to the place at the address.
func channelTo(t *testing.T, kind, address string, c *clock) notify.Channel {
	t.Helper()
	settings := "{}"
	if to := settingsTo[kind]; to != nil {
		settings = to(address)
	}
	channel, err := notify.New(kind, jsonSettings(settings), notify.Env{Now: c.now, Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// place is where messages arrive. It counts those it has read in full.
type place struct {
	address  string
	arrivals atomic.Int64
	first    sync.Once
	arrived  chan struct{} // closed when the first has
}

// arrive notes that a message has been read in full.
func (p *place) arrive() {
	p.arrivals.Add(1)
	p.first.Do(func() { close(p.arrived) })
}

// overdue is a context whose deadline passes when something is closed, and not when a
// machine is busy.
type overdue struct {
	context.Context
	passed <-chan struct{}
}

func (o overdue) Done() <-chan struct{} { return o.passed }

func (o overdue) Err() error {
	select {
	case <-o.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// newPlace is one that answers so, over HTTP or, for mails, SMTP.
func newPlace(t *testing.T, kind string, f placeFault) *place {
	t.Helper()
	p := &place{address: f.address, arrived: make(chan struct{})}
	switch {
	case f.address != "":
	case kind == "email":
		p.serveMail(t, f)
	default:
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			p.arrive()
			f.answer(w, r)
		}))
		server.Config.ErrorLog = discard
		if f.tls {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		p.address = server.URL
	}
	return p
}

// answer is what the place has to say over HTTP.
func (f placeFault) answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.hangs:
		<-r.Context().Done()
		return
	case f.cuts:
		panic(http.ErrAbortHandler)
	case f.half:
		w.Header().Set("Content-Length", "1000")
	}
	if f.retryAfter != "" {
		w.Header().Set("Retry-After", f.retryAfter)
	}
	w.WriteHeader(f.status)
	body := takes
	if f.body != "" {
		body = f.body
	}
	_, _ = io.WriteString(w, body)
}

// serveMail is a mail server that says about the letter what the status means.
func (p *place) serveMail(t *testing.T, f placeFault) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p.address = "smtp://" + l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(conn, f)
		}
	}()
}

// talk is one SMTP conversation: https://www.rfc-editor.org/rfc/rfc5321
func (p *place) talk(conn net.Conn, f placeFault) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	fmt.Fprint(conn, "220 mail.test\r\n")
	letter := false
	for in.Scan() {
		switch line := in.Text(); {
		case letter && line != ".":
		case letter:
			p.arrive()
			if f.cuts {
				return
			}
			if f.hangs {
				letter = false
				continue
			}
			fmt.Fprint(conn, f.mailWords()+"\r\n")
			if letter = false; f.half {
				return
			}
		case strings.HasPrefix(line, "DATA"):
			letter = true
			fmt.Fprint(conn, "354 go on\r\n")
		case strings.HasPrefix(line, "QUIT"):
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

// mailWords is the status in a mail server's words.
func (f placeFault) mailWords() string {
	switch {
	case f.status >= 500, f.status == http.StatusTooManyRequests:
		return "451 come later"
	case f.status >= 400:
		return "554 no"
	}
	return "250 taken"
}
