// Package prometheus shows /metrics to Prometheus: promtool judges the names and
// texts of everything the running service says, and a Prometheus scrapes names
// that nobody should have chosen and gives them back as they were.
//
// Both programs are Debian's prometheus. Where it is not installed the tests are
// skipped, and fail where CI is set. Everything binds loopback, on free ports,
// and is ended by the test that started it.
package prometheus
