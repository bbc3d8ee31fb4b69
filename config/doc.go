// Package config turns rules.yaml and the environment into checked values.
//
// [Load] reads the file once and reports everything that is wrong with it at
// once, each with its position: an unknown or duplicate key at the key, a
// missing one at its mapping, a bad value at the value. What it returns is ready
// to use: defaults are filled in, ${VAR} is expanded, schedules are parsed, rules
// hold their conditions and routes what they inherit.
//
// The way of a file:
//
//	bytes ──parse──▶ nodes ──resolve──▶ nodes ──decode──▶ file ──checks──▶ Config
//	        YAML            aliases,            known keys,       what only the
//	                        duplicate keys,     types             whole file can
//	                        ${VAR}                                tell
//
// A rule kind is known by being in evaluate.Kinds, a channel by being in
// notify.Kinds: neither needs a line here.
//
// What it leaves to others: whether the API accepts a key (fetch), whether a
// channel's settings make sense (notify), whether a condition's levels do
// (evaluate), opening the database (store).
//
// Promises kept here: nothing is accepted that is not known; no secret is in an
// error, a warning or in [Config.Show].
package config
