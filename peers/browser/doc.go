// Package browser opens the status page of the real service in Debian's chromium
// and checks what a person sees: the alert when it fires, the limits, on a desk
// and on a phone, by day and by night, with a screen reader.
//
// Where chromium is not installed the tests are skipped, and fail where CI is
// set. Screenshots are kept with
//
//	go test -artifacts -outputdir DIR ./...
package browser
