// Package route turns notices into messages for receivers: who hears of it, and when.
//
// It is pure and stepped like evaluate: [Step] takes the time, the tree of
// routes, the notices, the groups as they were, silences and acknowledgements, and returns the groups as
// they are and the messages to enqueue. Grouping, group_wait, group_interval and
// repeat_interval mean what they mean in Alertmanager
// (https://prometheus.io/docs/alerting/latest/configuration/#route).
//
// # Who hears what
//
// Notices only say that something may have changed; what a receiver has heard of
// an episode (one firing of one alert, known by its FiredAt) decides. Saying
// again that an alert fires, after a reload, therefore tells nobody anything new.
//
//   - The first level a receiver is told is fired, a worse one escalated. The
//     same level again is told only by a reminder.
//   - info is told only where the route has NotifyInfo, easing only where it has NotifyEased.
//   - Whoever heard of an episode hears its end, resolved or withdrawn, whatever
//     the routes say by then, unless the receiver has SendResolved off. Whoever
//     heard nothing hears no end.
//   - A severity is a label: an alert that gets worse may newly match a route, whose
//     receiver then hears fired. Where the routes do not lead any more, nothing
//     but easing and the end is told, and no reminder.
//   - Where an alert goes from one group of a receiver to another (severity in
//     GroupBy, or a changed route after a reload), the memory of what was told
//     goes with it: the old group forgets it without a word, the new one says
//     only what is news, and what the old one had not said yet no later than it would have.
//
// # When
//
// A message is decided at once and sent later. Until its SendAt it waits in
// [Group.Waiting]; further steps merge into it, keep its key, and take out
// alerts that ended before anybody heard of them. The first message of a group
// waits its GroupWait; a later one goes GroupInterval after the one before it.
//
// One thing does not wait for GroupInterval: an alert that gets worse. To
// Alertmanager a changed severity is another alert in, mostly, another group,
// which would wait GroupWait only; here it stays in its group, and five minutes
// are long when a limit is about to be hit. It waits for the group's very
// first message, though, which goes within GroupWait anyway.
//
// One message never holds the end of one episode and the beginning of the next
// one of the same alert, since channels that keep one incident for each alert would
// have to guess the order: the end goes at once, the beginning when the message would have gone.
//
// A group with alerts that are still firing and were told is a reminder, by the
// shortest repeat interval of theirs. To Alertmanager any message of a group
// starts that interval anew; here only one that says something fires, newly or
// still, counted from the step that decided it. That it got worse, eased or in
// part ended puts a reminder off only where it would come within a quarter of the interval after it.
// And a reminder names only the alerts that are as bad as the receiver was last
// told, just now: it is a warning like the first one.
//
// # What is not told, and when it is after all
//
// A [Silence], another alert that inhibits it, and the times at which its route is
// muted hold an alert back, as in Alertmanager; so does that it flaps, once that was
// told. What is held back is remembered by the group with its reason
// ([Member.Held]), counted once, and told in the first step in which nothing holds it
// back, if it still is so. Never held back are the end of what a receiver heard
// of, and an acknowledgement. What fires and ends at once, a changed limit, is not
// remembered: held back, it is not told. Alerts about the service itself are
// silenced and inhibited only by what names them (alertname="…").
//
// Shortly before a silence of some length ends, who would hear of the alert is told
// that it still fires (silence_ending). That is no level: the end of the
// silence tells it as if that had not been said.
//
// An [Ack] is told at once to whoever heard of the episode. While it holds, nobody is
// reminded and nothing is escalated. It ends when the alert gets worse than
// the episode had been.
//
// Where nobody acknowledges for [Terms.EscalateAfter], another receiver is told too
// (unacknowledged), in a group of its own that does not depend on the route. It
// hears of an acknowledgement, of the end, and again of a worse level that nobody acknowledges; never a reminder.
//
// An alert that changes [Flap.Changes] times within [Flap.Within] flaps: the next
// message about it says so, and it is told again when it is worse than was then
// told, or when it has not changed for that whole time.
//
// A receiver whose channel can edit what it has sent is also sent updates: messages
// without items, of what changed and is no news. The newest takes the place of
// one that has not gone, and while a message of the group waits there is none, since that one
// will show everything.
//
// # What it leaves to others
//
// Deciding what fires (evaluate), reading routes from a file and filling in what
// a route inherits (config), keeping groups and sending messages (store, worker,
// notify). It reads no clock and changes nothing it is given.
package route
