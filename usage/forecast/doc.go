// Package forecast says when a series that is known day by day reaches a level,
// and how sure that is.
//
// [Fit] draws a line through the daily peaks of some weeks that neither a
// weekend nor a few odd days can bend: the Theil–Sen estimate, the median of the
// slopes between all pairs of points, taken over pairs of one weekday only. [Reach]
// says when that line meets a level, with a band that holds the true day in about
// 80 % of cases.
//
// What it leaves to others: what a daily peak is (usage), and whether a day that
// is so near is bad (evaluate). It looks at no minutes.
//
// Promises kept here: nothing is said of a short history, of a history with holes
// in its newest days, or of one that no line fits; a history that has bent is
// judged by what came after; the same points give the same answer.
package forecast
