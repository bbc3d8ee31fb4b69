package worker

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that a test began runs on after it.
func TestMain(m *testing.M) {
	crampDatabases()
	goleak.VerifyTestMain(m,
		// Connections that are kept for the next request; they end by themselves.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
	)
}
