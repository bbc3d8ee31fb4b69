// Package route turns notices into messages for receivers: who hears of it, and when.
//
// It is pure and stepped like evaluate: [Step] takes the time, the tree of
// routes, the notices and the groups as they were, and returns the groups as
// they are and the messages to enqueue. Grouping, group_wait, group_interval and
// repeat_interval mean what they mean in Alertmanager.
package route
