package notify

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// hidden is what stands in a secret's place wherever it would be printed.
const hidden = "<secret>"

// Secret is a value that is used and never shown: printed, logged or marshalled
// it reads "<secret>", or nothing where it is empty.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format hides the value from every verb, %x and %d among them.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'q' || (verb == 'v' && f.Flag('#')) {
		_, _ = fmt.Fprintf(f, "%q", s.String())
		return
	}
	_, _ = fmt.Fprint(f, s.String())
}

// MarshalText hides the value in JSON and wherever else text is marshalled.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML hides the value in YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// readSecret returns the secret or, where a file is named instead, the file's
// content without the line end. It is called at every use, so that a rotated
// file needs no restart.
func readSecret(key string, value Secret, file string) (string, error) {
	if file == "" {
		return string(value), nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read %s_file: %w", key, err)
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("read %s_file: %s is empty", key, file)
	}
	return secret, nil
}

// oneOf checks that a secret and its file are not both set, and that one is
// where it is required.
func oneOf(key string, value Secret, file string, required bool) error {
	switch {
	case value != "" && file != "":
		return fmt.Errorf("%s and %s_file: only one of them", key, key)
	case required && value == "" && file == "":
		return fmt.Errorf("%s (or %s_file) is missing", key, key)
	}
	return nil
}

// redactor takes known secrets out of errors.
type redactor []string

// newRedactor knows the secrets, and for those that are addresses also the parts
// of them that identify somebody: path and query.
func newRedactor(secrets ...string) redactor {
	var r redactor
	for _, s := range secrets {
		if s == "" {
			continue
		}
		r = append(r, s, url.QueryEscape(s), url.PathEscape(s))
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			for _, part := range []string{u.RequestURI(), u.Path, u.RawQuery} {
				if len(part) > 1 {
					r = append(r, part)
				}
			}
			if u.User != nil {
				r = append(r, u.User.String())
			}
		}
	}
	return r
}

// text returns s without the secrets.
func (r redactor) text(s string) string {
	for _, secret := range r {
		s = strings.ReplaceAll(s, secret, hidden)
	}
	return s
}

// err returns an error that says what err says, less the secrets and less the
// address a request went to; it still is what err was for [errors.Is].
func (r redactor) err(err error) error {
	if err == nil {
		return nil
	}
	said := err
	if u, ok := errors.AsType[*url.Error](err); ok {
		said = u.Err // its text leads with the whole address
	}
	return &redacted{text: r.text(said.Error()), is: err}
}

// redacted is an error whose text is safe. It does not unwrap: what it was made
// of must not be printed.
type redacted struct {
	text string
	is   error
}

// Error returns the safe text.
func (e *redacted) Error() string { return e.text }

// GoString returns the safe text.
func (e *redacted) GoString() string { return fmt.Sprintf("%q", e.text) }

// Is lets [errors.Is] look inside, for context.Canceled and its like.
func (e *redacted) Is(target error) bool { return errors.Is(e.is, target) }
