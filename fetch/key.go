package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// The beginnings of credentials.
// https://platform.claude.com/docs/en/manage-claude/admin-api-keys
const (
	adminKeyPrefix = "sk-ant-admin"
	apiKeyPrefix   = "sk-ant-api" //nolint:gosec // a beginning that all keys share, no key
	oauthPrefix    = "sk-ant-oat"
)

// CheckKey looks at a credential without using it. It refuses what cannot be one:
// nothing, a ${VARIABLE} that nobody expanded, characters no header can carry. Of a
// credential that is not a Console Admin API key it warns what may be missing; it
// is used all the same. Space around the key is ignored. Neither text repeats any
// of it.
func CheckKey(key string) (warning string, err error) {
	key = strings.TrimSpace(key)
	switch {
	case key == "":
		return "", errors.New("the Admin API key is empty: set admin_key or admin_key_file")
	case strings.Contains(key, "${"), strings.HasPrefix(key, "$"):
		return "", errors.New("the Admin API key is a variable that was not expanded: is it set in the service's environment?")
	case strings.ContainsAny(key, `"'`):
		return "", errors.New("the Admin API key has quotation marks in it: write it without them")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", errors.New("the Admin API key has spaces or characters in it that no key has: was more than the key copied?")
	case strings.HasPrefix(key, adminKeyPrefix):
		return "", nil
	case strings.HasPrefix(key, apiKeyPrefix):
		return "this is not an Admin API key (" + adminKeyPrefix + "…): usage, rate limits or names may be missing", nil
	case strings.HasPrefix(key, oauthPrefix):
		return "this is an OAuth token: it needs the scope org:admin, and reading stops when it expires", nil
	}
	return "this does not look like an Admin API key (" + adminKeyPrefix + "…): usage, rate limits or names may be missing", nil
}

// key reads the credential for one request.
func (c *Client) key() (string, error) {
	key, err := c.Key()
	if err != nil {
		return "", fmt.Errorf("read the Admin API key%s: %w", c.of(), err)
	}
	key = strings.TrimSpace(key)
	if _, err := CheckKey(key); err != nil {
		return "", fmt.Errorf("read the Admin API key%s: %w", c.of(), err)
	}
	return key, nil
}

// anyKey finds credentials that are not the one in use: a server may echo an older
// one, or a part of one. The beginning that all keys share is no secret.
var anyKey = regexp.MustCompile(`sk-ant-[A-Za-z0-9]+-[A-Za-z0-9_-]+`)

const concealed = "<secret>"

// scrub takes key, and whatever looks like one, out of a text.
func scrub(text, key string) string {
	if key != "" {
		for _, form := range []string{key, url.QueryEscape(key), url.PathEscape(key)} {
			text = strings.ReplaceAll(text, form, concealed)
		}
	}
	return anyKey.ReplaceAllString(text, concealed)
}

// conceal is err without any key in its text. Where there was one, the chain
// behind the error is cut, because it says the same; what callers ask for by
// errors.Is stays. A StatusError was made without the key.
func conceal(err error, key string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*StatusError](err); ok {
		return err
	}
	text := err.Error()
	clean := scrub(text, key)
	if clean == text {
		return err
	}
	return &concealedError{text: clean, was: err}
}

// concealedError answers Is for what it replaced, without showing it.
type concealedError struct {
	text string
	was  error
}

func (e *concealedError) Error() string { return e.text }

// Is reports whether the error that was replaced matches target.
func (e *concealedError) Is(target error) bool { return errors.Is(e.was, target) }

// GoString keeps %#v from printing the error that was replaced.
func (e *concealedError) GoString() string { return fmt.Sprintf("%q", e.text) }
