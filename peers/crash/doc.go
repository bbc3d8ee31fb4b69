// Package crash kills the real program, again and again, at moments in which it
// hurts: while it reads, while it writes, while a receiver has a message and has
// not answered. Afterwards it compares what the receivers heard with what the
// database says: nothing may be lost, nothing told out of order, and at most one
// message repeated for each receiver and kill.
//
//	ALERTER_KILLS=100 go test -count=1 -v -timeout 30m ./...
package crash
