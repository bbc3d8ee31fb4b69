package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// EmailSettings are those of a receiver by mail.
type EmailSettings struct {
	To   []string `yaml:"to" json:"to" jsonschema_description:"Who gets the mail."`
	From string   `yaml:"from" json:"from" jsonschema_description:"The sender, with or without a name."`
	// EnvelopeFrom is where undeliverable mail comes back to; empty: the address of From.
	EnvelopeFrom string `yaml:"envelope_from,omitempty" json:"envelope_from,omitempty" jsonschema_description:"Where undeliverable mail comes back to; default: the address of from."`
	// Smarthost is host:port of the server that takes the mail. Port 465 speaks
	// TLS from the first byte, any other begins with STARTTLS.
	Smarthost    string `yaml:"smarthost" json:"smarthost" jsonschema_description:"host:port of the server that takes the mail. Port 465 speaks TLS from the first byte."`
	Username     string `yaml:"username,omitempty" json:"username,omitempty" jsonschema_description:"The name to log in with."`
	Password     Secret `yaml:"password,omitempty" json:"password,omitempty" jsonschema_description:"The password to log in with."`
	PasswordFile string `yaml:"password_file,omitempty" json:"password_file,omitempty" jsonschema_description:"A file with the password, read at every use."`
	// RequireTLS refuses to send over a connection that is not encrypted. Nil: true.
	RequireTLS *bool `yaml:"require_tls,omitempty" json:"require_tls,omitempty" jsonschema:"default=true" jsonschema_description:"Refuse to send over a connection that is not encrypted."`
	// CAFile holds certificates, in PEM, that are trusted beside the system's.
	CAFile string `yaml:"ca_file,omitempty" json:"ca_file,omitempty" jsonschema_description:"Certificates, in PEM, that are trusted beside the system's."`
	// Hello is the name said in EHLO; empty: the machine's.
	Hello string `yaml:"hello,omitempty" json:"hello,omitempty" jsonschema_description:"The name said in EHLO; default: the machine's."`
}

// implicitTLSPort is where a server speaks TLS from the first byte: https://www.rfc-editor.org/rfc/rfc8314
const implicitTLSPort = 465

// requireTLS reports whether mail may only go over an encrypted connection.
func (s *EmailSettings) requireTLS() bool { return s.RequireTLS == nil || *s.RequireTLS }

func (s *EmailSettings) check() error {
	errs := []error{oneOf("password", s.Password, s.PasswordFile, false)}
	if len(s.To) == 0 {
		errs = append(errs, errors.New("to is missing"))
	}
	for _, to := range s.To {
		errs = append(errs, checkAddress("to", to))
	}
	errs = append(errs, checkAddress("from", s.From))
	if s.EnvelopeFrom != "" {
		errs = append(errs, checkAddress("envelope_from", s.EnvelopeFrom))
	}
	if _, _, err := s.server(); err != nil {
		errs = append(errs, err)
	}
	hasPassword := s.Password != "" || s.PasswordFile != ""
	switch {
	case s.Username == "" && hasPassword:
		errs = append(errs, errors.New("username is missing, password is set"))
	case s.Username != "" && !hasPassword:
		errs = append(errs, errors.New("password (or password_file) is missing, username is set"))
	}
	if strings.ContainsAny(s.Hello, " \r\n\t") {
		errs = append(errs, fmt.Errorf("hello: %q is not a host name", s.Hello))
	}
	return errors.Join(errs...)
}

// checkAddress reports an address that mail cannot be sent to or from.
func checkAddress(key, address string) error {
	if strings.TrimSpace(address) == "" {
		return fmt.Errorf("%s is missing", key)
	}
	if _, err := mail.ParseAddress(address); err != nil {
		return fmt.Errorf("%s: %q is not an address: %w", key, address, err)
	}
	return nil
}

// server splits the smarthost.
func (s *EmailSettings) server() (host string, port int, err error) {
	if s.Smarthost == "" {
		return "", 0, errors.New("smarthost is missing")
	}
	host, digits, err := net.SplitHostPort(s.Smarthost)
	if err != nil || host == "" {
		return "", 0, fmt.Errorf("smarthost: %q is not host:port", s.Smarthost)
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("smarthost: %q is not a port", digits)
	}
	return host, port, nil
}

func (s *EmailSettings) warnings() []string {
	if s.requireTLS() {
		return nil
	}
	return []string{"email with require_tls: false: where the server offers no TLS, anybody on the way can read the mail"}
}

func (s *EmailSettings) open(env Env) Channel {
	return &email{settings: *s, agent: env.userAgent(), now: env.Now, domain: mailDomain(env.ExternalURL, s.From)}
}

// mailDomain is the name behind the @ of message ids: the page's host, else the sender's domain.
func mailDomain(externalURL, from string) string {
	if u, err := url.Parse(externalURL); err == nil && u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil {
		return u.Hostname()
	}
	if address, err := mail.ParseAddress(from); err == nil {
		if _, domain, ok := strings.Cut(address.Address, "@"); ok {
			return domain
		}
	}
	return "alerter.invalid"
}

// email sends mail through one server.
type email struct {
	settings EmailSettings
	agent    string
	now      func() time.Time
	domain   string
}

// Send mails m to all recipients at once.
func (e *email) Send(ctx context.Context, m Message) (Receipt, error) {
	id := e.messageID(m)
	letter, err := e.letter(m, id)
	if err != nil {
		return Receipt{}, Permanent(fmt.Errorf("write mail: %w", err))
	}
	password, err := readSecret("password", e.settings.Password, e.settings.PasswordFile)
	if err != nil {
		return Receipt{}, fmt.Errorf("send mail: %w", err)
	}
	line, err := e.line(ctx)
	if err != nil {
		return Receipt{}, fmt.Errorf("send mail: %w", err)
	}
	if err := e.deliver(line, letter, password); err != nil {
		return Receipt{}, e.failed(ctx, err, password)
	}
	return Receipt{ID: id}, nil
}

// messageID is the same on every attempt, so that a mail sent twice is one mail
// to those who look: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
func (e *email) messageID(m Message) string {
	return "<" + shortHash("email", m.Key) + "@" + e.domain + ">"
}

// tlsConfig is how the server's certificate is checked.
func (e *email) tlsConfig() (*tls.Config, error) {
	host, _, err := e.settings.server()
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: e.anyCertificate(host)} //nolint:gosec // see anyCertificate
	if e.settings.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(e.settings.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read ca_file: no certificate in %s", e.settings.CAFile)
	}
	config.RootCAs = pool
	return config, nil
}

// anyCertificate reports whether a certificate need not be checked: where sending
// in the clear was allowed, an encrypted line to an unknown server is better than
// that. A password is not shown to an unknown server beyond this machine.
func (e *email) anyCertificate(host string) bool {
	if e.settings.requireTLS() || e.settings.CAFile != "" {
		return false
	}
	return e.settings.Username == "" || isLoopback(host)
}

// envelopeFrom is the address that undeliverable mail comes back to.
func (e *email) envelopeFrom() string {
	return cmp.Or(e.settings.EnvelopeFrom, e.settings.From)
}
