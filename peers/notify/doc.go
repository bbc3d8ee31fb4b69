// Package notify shows what the alerter sends to programs that nobody here
// wrote: a mail server's parser, a Slack, Alertmanager itself, and a verifier of
// webhook signatures. Everything binds loopback, on free ports, and is ended by
// the test that started it.
//
// The programs come from Debian (python3-aiosmtpd, prometheus-alertmanager, chromium) and
// npm (package.json beside this file: npm ci --ignore-scripts). Where one is not
// installed its test is skipped, and fails where CI is set.
package notify
