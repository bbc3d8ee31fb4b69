package config

import (
	"crypto/tls"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"alerter/evaluate"
)

// storage checks where things are kept.
func (c *checks) storage() Storage {
	s := c.file.Storage
	at := spot(c.root, "storage", "path")
	switch info, err := os.Stat(s.Path); {
	case s.Path == "":
		c.fault(at, "storage.path is empty: name a file, such as data/alerter.db")
	case strings.HasPrefix(s.Path, ":memory:") || strings.HasPrefix(s.Path, "file:") || strings.ContainsAny(s.Path, "?#\x00"):
		c.fault(at, "storage.path is the path of a file: not :memory:, not file:…, without ? and #")
	case err == nil && info.IsDir():
		c.fault(at, "storage.path: %s is a folder: name the file in it", s.Path)
	}
	if s.Retention < days(1) {
		c.fault(spot(c.root, "storage", "retention"), "storage.retention is at least 1d")
	}
	return Storage{Path: s.Path, Retention: time.Duration(s.Retention)}
}

// retention is how long things are kept; the least that is allowed where the
// file says too little, which has been reported.
func (c *checks) retention() evaluate.Duration { return max(c.file.Storage.Retention, days(1)) }

// schedule parses when the jobs run.
func (c *checks) schedule() Schedule {
	s := c.file.Schedule
	loc, err := parseZone(s.Timezone)
	if err != nil {
		c.fault(spot(c.root, "schedule", "timezone"), "%s", err)
		loc = time.UTC // so that the schedules are checked too
	}
	job := func(key, text string) Job {
		schedule, err := parseCron(text, loc)
		if err != nil {
			c.fault(spot(c.root, "schedule", key), "schedule.%s: %s", key, err)
		}
		return Job{Schedule: schedule, Text: text}
	}
	return Schedule{
		Usage: job("usage", s.Usage), Limits: job("limits", s.Limits), Attribution: job("attribution", s.Attribution),
		Digest: job("digest", s.Digest), Location: loc,
	}
}

// Secret returns the bearer token that writing calls must bring: the one in the
// file, or what the token file holds now. Empty: there is none.
func (w Web) Secret() (string, error) {
	token, err := readTwin(string(w.Token), w.TokenFile)
	switch {
	case err != nil:
		return "", fmt.Errorf("read web.token_file: %w", err)
	case w.TokenFile != "" && !isToken(token):
		return "", fmt.Errorf("read web.token_file: %s: it is empty or cannot stand in a header", w.TokenFile)
	}
	return token, nil
}

// web checks where the page is served and who may write.
func (c *checks) web() Web {
	k := &c.file.Web
	k.ExternalURL = strings.TrimRight(k.ExternalURL, "/")
	w := Web{Listen: k.Listen, ExternalURL: k.ExternalURL, Token: k.Token, TokenFile: k.TokenFile, TLS: TLS(k.TLS)}
	if k.ExternalURL != "" {
		if _, err := webAddress("web.external_url", k.ExternalURL); err != nil {
			c.fault(spot(c.root, "web", "external_url"), "%s", err)
		}
	}
	tokenAt, fileAt := spot(c.root, "web", "token"), spot(c.root, "web", "token_file")
	switch token, err := readTwin(string(w.Token), w.TokenFile); {
	case w.Token != "" && w.TokenFile != "":
		c.fault(fileAt, "web.token and web.token_file: only one of them")
	case err != nil:
		c.fault(fileAt, "web.token_file: %s", err)
	case w.TokenFile != "" && !isToken(token):
		c.fault(fileAt, "web.token_file: %s is empty or has characters that cannot stand in a header", w.TokenFile)
	case w.Token != "" && !isToken(token):
		c.fault(tokenAt, "web.token has characters that cannot stand in a header: a space, a line end or a letter that is not ASCII")
	default:
		c.secretFile(fileAt, w.TokenFile)
	}
	c.listen(w)
	c.tls(w.TLS)
	return w
}

// listen checks the address, and that only this machine reaches a page on which
// anybody may write.
func (c *checks) listen(w Web) {
	at := spot(c.root, "web", "listen")
	host, port, err := hostPort(w.Listen)
	if err != nil {
		c.fault(at, "web.listen: %s", err)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		c.fault(at, "web.listen: the port is a number up to 65535")
		return
	}
	tokenOK := c.ok(spot(c.root, "web", "token")) && c.ok(spot(c.root, "web", "token_file"))
	if !isLoopback(host) && w.Token == "" && w.TokenFile == "" && tokenOK {
		c.fault(at, "web.listen: others can reach this address, so web.token (or token_file) is needed")
	}
}

// tls checks that certificate and key belong together.
func (c *checks) tls(t TLS) {
	at := spot(c.root, "web", "tls")
	switch {
	case t == TLS{}:
		return
	case t.CertFile == "":
		c.missing(at, "web.tls: cert_file is missing")
		return
	case t.KeyFile == "":
		c.missing(at, "web.tls: key_file is missing")
		return
	}
	certAt, keyAt := spot(c.root, "web", "tls", "cert_file"), spot(c.root, "web", "tls", "key_file")
	cert, certErr := readSmall(t.CertFile)
	if certErr != nil {
		c.fault(certAt, "web.tls: cert_file: %s", certErr)
	}
	key, keyErr := readSmall(t.KeyFile)
	if keyErr != nil {
		c.fault(keyAt, "web.tls: key_file: %s", keyErr)
	}
	if certErr != nil || keyErr != nil {
		return
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		c.fault(at, "web.tls: %s", strings.TrimPrefix(err.Error(), "tls: "))
		return
	}
	c.secretFile(keyAt, t.KeyFile)
}

// heartbeat checks who is told that the service lives.
func (c *checks) heartbeat() Heartbeat {
	h := c.file.Heartbeat
	if h.URL != "" {
		if err := checkPing("heartbeat.url", string(h.URL)); err != nil {
			c.fault(spot(c.root, "heartbeat", "url"), "%s", err)
		}
	}
	if h.FailURL != "" {
		at := spot(c.root, "heartbeat", "fail_url")
		if err := checkPing("heartbeat.fail_url", string(h.FailURL)); err != nil {
			c.fault(at, "%s", err)
		}
		if h.URL == "" {
			c.fault(at, "heartbeat.fail_url says that something fails: heartbeat.url, which says that all is well, is missing")
		}
	}
	if h.Every < evaluate.Duration(time.Second) {
		c.fault(spot(c.root, "heartbeat", "every"), "heartbeat.every is at least 1s")
	}
	return Heartbeat{URL: string(h.URL), FailURL: string(h.FailURL), Every: time.Duration(h.Every)}
}
