package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"alerter/config"
)

type healthcheckCommand struct {
	Ready bool `help:"Ask whether it is ready, too."`
	output
}

// health is what the service answered, for programs.
type health struct {
	Address string `json:"address"` // that was asked
	OK      bool   `json:"ok"`
	Problem string `json:"problem"` // why not, or empty
}

// healthTime is what the running service has to answer in.
const healthTime = 3 * time.Second

// Run asks the running service of this configuration whether it is well.
func (c healthcheckCommand) Run(p *program) error {
	place := p.place()
	where, err := place.Web()
	if err != nil {
		return err
	}
	path := "/-/healthy"
	if c.Ready {
		path = "/-/ready"
	}
	address := serviceURL(where) + path
	p.warnOf(place, "asking "+address)
	err = askHealth(address)
	if c.json() {
		h := health{Address: address, OK: err == nil}
		if err != nil {
			h.Problem = err.Error()
		}
		return errors.Join(err, printJSON(p.out, h))
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, "OK")
	return err
}

// askHealth returns why the service at address is not well; nil: it is.
func askHealth(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), healthTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	// The certificate is for the name others use; this asks the machine itself.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // see above: loopback only
	resp, err := client.Do(req)
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err // without the address, which is said already
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, resp.Status)
	}
	return nil
}

// serviceURL is the service's own address, as seen from this machine.
func serviceURL(web config.Web) string {
	scheme := "http"
	if web.TLS.CertFile != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(web.Listen)
	if err != nil {
		return scheme + "://" + web.Listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// untilStopped ends with the first SIGTERM or SIGINT.
func untilStopped() (context.Context, func()) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
}
