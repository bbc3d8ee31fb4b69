// Package chart draws how much of a limit was used: one model, drawn as SVG by us
// and as PNG by a library, line for line the same.
//
// A [Chart] shows one limit over a stretch of time: the utilization minute by
// minute, what a rule reads from it, the limit and the rule's levels, when alerts
// fired, and which minutes are not complete yet. [New] makes one of a series; the
// caller adds a title and what alerts did. A [Sheet] is several of them, one below the other.
//
// Promises kept here: what is not known is a gap and never zero; where there are
// more minutes than columns of pixels, each column shows its highest minute, so
// that no peak is lost; times are UTC and shares are percent; nothing is told by
// colour alone (lines differ in weight and dash, alerts in height); and
// [Chart.Describe] says in words what the picture shows.
package chart
