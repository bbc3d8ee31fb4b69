package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
)

// Client reads one organization's Admin API. Fill the exported fields before the
// first call and leave them alone after it; then it is safe for use by many
// goroutines. It must not be copied.
type Client struct {
	// Name is the organization's name in rules.yaml, for messages. It may be empty.
	Name string
	// BaseURL is where the API is; https://api.anthropic.com if empty. A path in
	// it is kept. Plain http is taken for loopback addresses only.
	BaseURL string
	// Key returns the credential. It is asked before every request, so that a
	// rotated key file needs no restart.
	Key func() (string, error)
	// HTTP sends the requests; nil is a client with sensible limits. A copy is
	// used that follows no redirects.
	HTTP *http.Client
	// Now is the time minutes are stamped with. Deadlines and backoff run on real
	// time whatever it says.
	Now func() time.Time
	// UserAgent is sent with every request: alerter/<version> (+url). Anthropic
	// asks integrations to name themselves.
	// https://platform.claude.com/docs/en/manage-claude/usage-cost-api
	UserAgent string
	// OnRequest, if set, is told of every attempt: one of the Endpoint constants,
	// the status (0 where no answer came) and how long it took by Now. It is
	// called from the goroutine that made the call.
	OnRequest func(endpoint string, code int, took time.Duration)

	once     sync.Once
	sdk      anthropic.Client
	setupErr error
	refusals refusals

	// pause waits between attempts; nil is a real timer. Tests replace it.
	pause func(ctx context.Context, d time.Duration) error
}

const defaultBaseURL = "https://api.anthropic.com"

// Check reports what is wrong with the fields, all at once and without a request.
// Every call does the same first. The key has a check of its own, [CheckKey].
func (c *Client) Check() error {
	var errs []error
	if c.Key == nil {
		errs = append(errs, errors.New("no key is given"))
	}
	if c.Now == nil {
		errs = append(errs, errors.New("no clock is given"))
	}
	if err := checkBaseURL(c.baseURL()); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (c *Client) baseURL() string {
	if c.BaseURL == "" {
		return defaultBaseURL
	}
	return c.BaseURL
}

// checkBaseURL refuses what would send the key in the clear or to nowhere. The
// texts do not repeat the URL: somebody may have written a secret into it.
func checkBaseURL(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return errors.New("base_url is not a URL")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return errors.New("base_url must begin with https:// and name a host")
	case u.User != nil:
		return errors.New("base_url must not hold a user name or password")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("base_url must end with its path: no query and no fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return fmt.Errorf("base_url uses plain http for %s: the key would travel in the clear; use https (http is for loopback addresses)", u.Hostname())
	}
	return nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// ready checks the client and makes what all its calls share, once.
func (c *Client) ready() error {
	c.once.Do(func() {
		if c.setupErr = c.Check(); c.setupErr != nil {
			return
		}
		opts := []option.RequestOption{
			// Without this the environment takes part, and ANTHROPIC_BASE_URL could
			// send an organization's key to somebody's gateway.
			option.WithoutEnvironmentDefaults(),
			option.WithoutOpenTelemetry(),
			option.WithBaseURL(c.baseURL()),
			option.WithHTTPClient(withoutRedirects(c.HTTP)),
			// The SDK would obey a Retry-After of any length inside the call.
			option.WithMaxRetries(0),
		}
		if c.UserAgent != "" {
			opts = append(opts, option.WithHeader("User-Agent", c.UserAgent))
		}
		c.sdk = anthropic.NewClient(opts...)
	})
	if c.setupErr != nil {
		return fmt.Errorf("check the Admin API settings%s: %w", c.of(), c.setupErr)
	}
	return nil
}

// of names the organization in a message.
func (c *Client) of() string {
	if c.Name == "" {
		return ""
	}
	return " of " + c.Name
}
