// Package web shows what is: health, metrics, JSON and the status page.
//
// It reads the store and changes nothing in it; the one thing it asks for is a
// reload. Beyond the caller's own machine a write needs the token.
package web
