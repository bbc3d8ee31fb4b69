package notify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// post is a mail server that records and can be told to refuse.
type post struct {
	addr     string
	mu       sync.Mutex
	mails    []delivered
	login    string // user and password of the last login
	rcpt     map[string]*smtp.SMTPError
	from     *smtp.SMTPError
	data     *smtp.SMTPError
	auth     *smtp.SMTPError
	hang     chan struct{} // not nil: DATA waits for it
	received chan struct{} // one for each DATA begun
}

// delivered is one mail the server took.
type delivered struct {
	from string
	to   []string
	raw  []byte
	tls  bool
}

// postOptions say how a mail server is set up.
type postOptions struct {
	certificate *tls.Certificate // nil: no STARTTLS
	implicit    bool
	plainAuth   bool // offers AUTH without TLS
}

// newPost starts a mail server on loopback; it ends with the test.
func newPost(t *testing.T, o postOptions) *post {
	t.Helper()
	p := &post{rcpt: map[string]*smtp.SMTPError{}, received: make(chan struct{}, 10)}
	s := smtp.NewServer(p)
	s.Domain, s.AllowInsecureAuth = "mail.test", o.plainAuth
	s.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	if o.certificate != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*o.certificate}}
	}
	if o.implicit {
		l, s.TLSConfig = tls.NewListener(l, s.TLSConfig), nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		_ = l.Close() // the server forgets it where it had not begun to serve
		<-done
	})
	return p
}

// quiet throws a server's log away: refusals are what the tests are about.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// NewSession begins a connection.
func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &postSession{post: p, mail: delivered{tls: secure}}, nil
}

// mailed returns what was taken so far.
func (p *post) mailed() []delivered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]delivered(nil), p.mails...)
}

// postSession is one connection.
type postSession struct {
	post *post
	mail delivered
}

func (s *postSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.post.mu.Lock()
		defer s.post.mu.Unlock()
		s.post.login = user + " " + password
		if s.post.auth != nil {
			refusal := *s.post.auth
			refusal.Message += " " + password // as careless servers do
			return &refusal
		}
		return nil
	}), nil
}

func (s *postSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from, s.mail.to = from, nil
	if s.post.from != nil {
		return s.post.from
	}
	return nil
}

func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if refusal := s.post.rcpt[to]; refusal != nil {
		return refusal
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *postSession) Data(r io.Reader) error {
	s.post.received <- struct{}{}
	if s.post.hang != nil {
		<-s.post.hang
		return errors.New("nobody waits any more")
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.post.data != nil {
		return s.post.data
	}
	s.mail.raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.mails = append(s.post.mails, s.mail)
	return nil
}

func (s *postSession) Reset()        {}
func (s *postSession) Logout() error { return nil }

// newAuthority makes a certificate for 127.0.0.1 and writes it, as its own
// authority, to a file.
func newAuthority(t *testing.T) (cert *tls.Certificate, caFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, caFile
}
