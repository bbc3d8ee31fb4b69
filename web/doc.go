// Package web shows what is: health, metrics, JSON and the status page.
//
// It reads the store and changes nothing in it; the one thing it asks for is a
// reload. Beyond the caller's own machine a write needs the token.
//
// [Look] reads what a person or a program is shown, and is what the command line
// prints too; [Server] puts it on HTTP. Under load the state is read once every
// two seconds, and every answer says as of when it is. What is not known is null
// in JSON, absent in metrics and in words on the page: never zero.
//
// What it leaves to others: wording alerts (notify), judging them (evaluate),
// listening (cmd).
//
// Promises kept here: an answer names no path, key or token, only a reload's
// answer says what is wrong with the file, to those who may reload; a name that
// somebody chose is text and never markup.
package web
