package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// smtpTimeout bounds a phase of the exchange where the context has no deadline.
const smtpTimeout = 30 * time.Second

// smtpAuth lists the ways to log in, safest first. The two that show the
// password refuse to by themselves where the connection is not encrypted.
var smtpAuth = []mail.SMTPAuthType{
	mail.SMTPAuthSCRAMSHA256PLUS, mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1PLUS, mail.SMTPAuthSCRAMSHA1,
	mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin,
}

// deliver hands the letter to the server. It returns nil as soon as the server
// has taken responsibility, whatever happens to the goodbye after it: an error
// there would lead to a second mail.
func (e *email) deliver(line *smtpLine, letter *mail.Msg, password string) error {
	defer line.hangUp()
	client, err := e.client(line, password)
	if err != nil {
		return err
	}
	server, err := client.DialToSMTPClientWithContext(line.ctx)
	if err != nil {
		return fmt.Errorf("greet server: %w", plainGreeting(err))
	}
	refused, err := e.transfer(server, letter)
	if err != nil {
		return err
	}
	_ = server.Quit() // the mail is taken
	if refused != nil {
		return Permanent(fmt.Errorf("the others have it, but %w", refused))
	}
	return nil
}

// client sets the library up for this server.
func (e *email) client(line *smtpLine, password string) (*mail.Client, error) {
	host, port, err := e.settings.server()
	if err != nil {
		return nil, err
	}
	options := []mail.Option{
		mail.WithPort(port), mail.WithTimeout(smtpTimeout), mail.WithTLSConfig(line.config), mail.WithDialContextFunc(line.dial),
	}
	switch {
	case line.implicit:
		options = append(options, mail.WithSSL())
	case e.settings.requireTLS():
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if e.settings.Hello != "" {
		options = append(options, mail.WithHELO(e.settings.Hello))
	}
	if e.settings.Username != "" {
		options = append(options, mail.WithOpportunisticSMTPAuth(smtpAuth...),
			mail.WithUsername(e.settings.Username), mail.WithPassword(password))
	}
	return mail.NewClient(host, options...)
}

// plainGreeting says in the words of rules.yaml what go-mail says of its own options:
// that the server offers no encryption.
func plainGreeting(err error) error {
	if strings.Contains(err.Error(), "does not support STARTTLS") {
		return errors.New("it does not offer STARTTLS, and require_tls allows no mail without encryption")
	}
	return err
}

// transfer carries out the transaction. The recipients the server refuses for
// good do not keep the mail from the others: they come back as refused, for
// somebody to be told. One it refuses for now puts the whole mail off.
func (e *email) transfer(server *smtp.Client, letter *mail.Msg) (refused, err error) {
	if err := server.UpdateDeadline(smtpTimeout); err != nil {
		return nil, err
	}
	from, err := letter.GetSender(false)
	if err != nil {
		return nil, Permanent(err)
	}
	to, err := letter.GetRecipients()
	if err != nil {
		return nil, Permanent(err)
	}
	if err := server.Mail(from); err != nil {
		return nil, fmt.Errorf("say sender %s: %w", strings.Trim(from, "<>"), err)
	}
	var no []error
	for _, address := range to {
		switch err := server.Rcpt(address); {
		case err == nil:
		case smtpCode(err)/100 == 5:
			no = append(no, fmt.Errorf("%s was refused: %w", strings.Trim(address, "<>"), err))
		default:
			return nil, fmt.Errorf("say recipient %s: %w", strings.Trim(address, "<>"), err)
		}
	}
	if len(no) == len(to) {
		return nil, errors.Join(no...)
	}
	w, err := server.Data()
	if err != nil {
		return nil, fmt.Errorf("begin mail: %w", err)
	}
	if _, err := letter.WriteTo(w); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("end mail: %w", err)
	}
	return errors.Join(no...), nil
}

// smtpCode is the server's three digits, 0 where it was not the server who said no.
func smtpCode(err error) int {
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return said.Code
	}
	return 0
}

// failed says what an error of the exchange means.
func (e *email) failed(ctx context.Context, err error, password string) error {
	if ctx.Err() != nil { // the line was cut by us: err says only that it is closed
		return fmt.Errorf("send mail by %s: %w", e.settings.Smarthost, context.Cause(ctx))
	}
	safe := newRedactor(password)
	if password != "" {
		user := e.settings.Username
		for _, said := range []string{password, "\x00" + user + "\x00" + password} {
			safe = append(safe, base64.StdEncoding.EncodeToString([]byte(said)))
		}
	}
	said := fmt.Errorf("send mail by %s: %w", e.settings.Smarthost, safe.err(err))
	code := smtpCode(err)
	switch {
	case code == 530 || code == 534 || code == 535 || code == 538:
		return &failure{error: said, permanent: true, reason: ReasonAuthError}
	case code/100 == 5:
		return &failure{error: said, permanent: true, reason: ReasonClientError}
	case IsPermanent(err):
		return &failure{error: said, permanent: true, reason: ReasonClientError}
	case code/100 == 4:
		return &failure{error: said, reason: ReasonServerError, refused: true}
	case unreached(err):
		return &failure{error: said, reason: ReasonOther, refused: true}
	}
	return because(ReasonOther, said)
}

// smtpLine is the connection to the server, which the context of Send can cut at
// any moment: the library only knows timeouts.
type smtpLine struct {
	ctx      context.Context // of one Send: the line lives no longer
	config   *tls.Config
	implicit bool // TLS from the first byte
	stop     func() bool
	conn     net.Conn
}

// dial connects. The context it is given ends with the greeting, so the line's own counts.
func (l *smtpLine) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: dialTimeout}
	raw, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.conn = raw
	l.stop = context.AfterFunc(l.ctx, func() { _ = raw.Close() })
	if !l.implicit {
		return raw, nil
	}
	secure := tls.Client(raw, l.config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return secure, nil
}

// hangUp ends the connection, if there is one.
func (l *smtpLine) hangUp() {
	if l.stop != nil {
		l.stop()
	}
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// line prepares the connection to the server.
func (e *email) line(ctx context.Context) (*smtpLine, error) {
	_, port, err := e.settings.server()
	if err != nil {
		return nil, err
	}
	config, err := e.tlsConfig()
	if err != nil {
		return nil, err
	}
	return &smtpLine{ctx: ctx, config: config, implicit: port == implicitTLSPort}, nil
}

// bareAddress is the address without a display name.
func bareAddress(address string) string {
	parsed, err := netmail.ParseAddress(address)
	if err != nil {
		return strings.TrimSpace(address)
	}
	return parsed.Address
}
