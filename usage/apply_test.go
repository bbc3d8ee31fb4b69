package usage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alerter/usage"
)

// reading is a reading of one group, with its models and limits.
func reading(workspaceID string, entries ...usage.Entry) usage.Reading {
	return usage.Reading{WorkspaceID: workspaceID, Entries: entries}
}

func entry(groupID string, models []string, limits ...usage.Value) usage.Entry {
	return usage.Entry{Group: usage.Group{ID: groupID, Type: usage.ModelGroup, Name: "Group " + groupID, Models: models}, Limits: limits}
}

func value(l usage.Limiter, v int64) usage.Value { return usage.Value{Limiter: l, Value: v} }

// apply applies readings one after the other, the first at 10:00 and each a
// minute later, and returns the last result.
func apply(steps ...[]usage.Reading) (usage.Limits, []usage.Change) {
	var limits usage.Limits
	var changes []usage.Change
	for i, readings := range steps {
		limits, changes = usage.Apply(limits, readings, at("10:00").Add(time.Duration(i)*time.Minute))
	}
	return limits, changes
}

func TestAFirstReadingIsTakenToHaveHeldBefore(t *testing.T) {
	t.Parallel()
	limits, changes := apply([]usage.Reading{
		reading("w1", entry("g1", []string{"opus"}, value(usage.OutputTokens, 50))),
		reading("", entry("g1", []string{"opus", "opus-alias"}, value(usage.OutputTokens, 100), value(usage.InputTokens, 200))),
	})
	want := usage.Limits{
		Groups:  map[string]usage.Group{"g1": {ID: "g1", Type: usage.ModelGroup, Name: "Group g1", Models: []string{"opus", "opus-alias"}}},
		Members: []usage.Membership{{GroupID: "g1", Model: "opus"}, {GroupID: "g1", Model: "opus-alias"}},
		Limits: []usage.Limit{
			{GroupID: "g1", Limiter: usage.InputTokens, Value: 200, Assumed: true, ReadAt: at("10:00")},
			{GroupID: "g1", Limiter: usage.OutputTokens, Value: 100, Assumed: true, ReadAt: at("10:00")},
			{WorkspaceID: "w1", GroupID: "g1", Limiter: usage.OutputTokens, Value: 50, Assumed: true, ReadAt: at("10:00")},
		},
		Read: map[string]time.Time{"": at("10:00"), "w1": at("10:00")},
	}
	if diff := cmp.Diff(want, limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if len(changes) > 0 {
		t.Errorf("got changes %v, want none", changes)
	}
}

func TestEachKindOfChangeIsTold(t *testing.T) {
	t.Parallel()
	limits, changes := apply(
		[]usage.Reading{
			reading("",
				entry("g1", []string{"opus", "sonnet"}, value(usage.OutputTokens, 100), value(usage.InputTokens, 200), value(usage.RequestsPerMinute, 7)),
				entry("g2", []string{"haiku"}, value(usage.OutputTokens, 100))),
			reading("w1", entry("g1", nil, value(usage.OutputTokens, 50), value(usage.InputTokens, 60))),
			reading("w2"),
		},
		[]usage.Reading{
			reading("w2", entry("g2", nil, value(usage.OutputTokens, 20))),
			reading("w1", entry("g1", nil, value(usage.OutputTokens, 40))),
			reading("",
				entry("g2", []string{"haiku", "sonnet"}, value(usage.OutputTokens, 100), value(usage.TokensPerMinute, 9)),
				entry("g1", []string{"opus"}, value(usage.OutputTokens, 150), value(usage.InputTokens, 90))),
		},
	)
	seen := at("10:01")
	want := []usage.Change{
		{At: seen, Kind: usage.LimitLowered, GroupID: "g1", Limiter: usage.InputTokens, Old: 200, New: 90},
		{At: seen, Kind: usage.LimitRaised, GroupID: "g1", Limiter: usage.OutputTokens, Old: 100, New: 150},
		{At: seen, Kind: usage.LimitRemoved, GroupID: "g1", Limiter: usage.RequestsPerMinute, Old: 7},
		{At: seen, Kind: usage.ModelMoved, GroupID: "g2", Model: "sonnet", FromGroupID: "g1"},
		{At: seen, Kind: usage.LimitAdded, GroupID: "g2", Limiter: usage.TokensPerMinute, New: 9},
		{At: seen, Kind: usage.OverrideRemoved, WorkspaceID: "w1", GroupID: "g1", Limiter: usage.InputTokens, Old: 60},
		{At: seen, Kind: usage.LimitLowered, WorkspaceID: "w1", GroupID: "g1", Limiter: usage.OutputTokens, Old: 50, New: 40},
		{At: seen, Kind: usage.OverrideAdded, WorkspaceID: "w2", GroupID: "g2", Limiter: usage.OutputTokens, New: 20},
	}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	wantMembers := []usage.Membership{
		{GroupID: "g2", Model: "haiku"}, {GroupID: "g1", Model: "opus"},
		{GroupID: "g1", Model: "sonnet", Until: seen}, {GroupID: "g2", Model: "sonnet", From: seen},
	}
	if diff := cmp.Diff(wantMembers, limits.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	var outputs []usage.Limit
	for _, l := range limits.Limits {
		if l.WorkspaceID == "" && l.GroupID == "g1" && l.Limiter == usage.OutputTokens {
			outputs = append(outputs, l)
		}
	}
	wantOutputs := []usage.Limit{
		{GroupID: "g1", Limiter: usage.OutputTokens, Value: 100, Until: seen, Assumed: true, ReadAt: at("10:00")},
		{GroupID: "g1", Limiter: usage.OutputTokens, Value: 150, From: seen, ReadAt: seen},
	}
	if diff := cmp.Diff(wantOutputs, outputs); diff != "" {
		t.Errorf("the raised limit (-want +got):\n%s", diff)
	}
}

func TestReadingTheSameAgainChangesNothing(t *testing.T) {
	t.Parallel()
	readings := []usage.Reading{
		reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100))),
		reading("w1", entry("g1", []string{"opus"}, value(usage.OutputTokens, 50))),
	}
	once, _ := apply(readings)
	again, changes := apply(readings, readings)
	if diff := cmp.Diff(once, again); diff != "" || len(changes) > 0 {
		t.Errorf("got changes %v and (-once +again):\n%s", changes, diff)
	}
}

func TestAScopeThatWasNotReadKeepsItsLimits(t *testing.T) {
	t.Parallel()
	first := []usage.Reading{
		reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100))),
		reading("w1", entry("g1", nil, value(usage.OutputTokens, 50))),
	}
	before, _ := apply(first)
	after, changes := apply(first, []usage.Reading{reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100)))})
	if diff := cmp.Diff(before, after); diff != "" || len(changes) > 0 {
		t.Errorf("got changes %v and (-before +after):\n%s", changes, diff)
	}
	// A workspace that is gone has an empty reading.
	_, changes = apply(first, []usage.Reading{reading("w1")})
	want := []usage.Change{{At: at("10:01"), Kind: usage.OverrideRemoved, WorkspaceID: "w1", GroupID: "g1", Limiter: usage.OutputTokens, Old: 50}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestAWorkspaceReadLaterForTheFirstTimeChangesNothing(t *testing.T) {
	t.Parallel()
	organization := reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100)))
	limits, changes := apply([]usage.Reading{organization}, []usage.Reading{organization, reading("w1", entry("g1", nil, value(usage.OutputTokens, 50)))})
	if len(changes) > 0 {
		t.Errorf("got changes %v, want none", changes)
	}
	if l := limits.Limits[1]; !l.Assumed || !l.From.IsZero() || !l.ReadAt.Equal(at("10:01")) {
		t.Errorf("got %+v, want it assumed", l)
	}
}

// A history kept without Read must not miss a change after a restart.
func TestWithoutAMemoryOfReadingsAnOverrideIsToldOnceTooOften(t *testing.T) {
	t.Parallel()
	organization := reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100)))
	limits, _ := apply([]usage.Reading{organization})
	limits.Read = nil
	_, changes := usage.Apply(limits, []usage.Reading{organization, reading("w1", entry("g1", nil, value(usage.OutputTokens, 50)))}, at("10:01"))
	if len(changes) != 1 || changes[0].Kind != usage.OverrideAdded {
		t.Errorf("got changes %v, want an added override", changes)
	}
}

func TestApplyLeavesThePriorLimitsAlone(t *testing.T) {
	t.Parallel()
	first := []usage.Reading{reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100)), entry("g2", []string{"haiku"}))}
	prior, _ := apply(first)
	same, _ := apply(first)
	usage.Apply(prior, []usage.Reading{reading("", entry("g2", []string{"opus"}, value(usage.OutputTokens, 1)))}, at("11:00"))
	if diff := cmp.Diff(same, prior); diff != "" {
		t.Errorf("prior (-before +after):\n%s", diff)
	}
}

func TestAGroupKeepsWhatAReadingLeavesOut(t *testing.T) {
	t.Parallel()
	limits, _ := apply(
		[]usage.Reading{reading("", usage.Entry{Group: usage.Group{ID: "g1", Type: "video", Name: "Video"}, Limits: []usage.Value{value("clips_per_minute", 3)}})},
		[]usage.Reading{reading("", usage.Entry{Group: usage.Group{ID: "g1"}, Limits: []usage.Value{value("clips_per_minute", 3)}})},
		[]usage.Reading{reading("")},
	)
	want := map[string]usage.Group{"g1": {ID: "g1", Type: "video", Name: "Video"}}
	if diff := cmp.Diff(want, limits.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if l := limits.Limits[0]; !l.Until.Equal(at("10:02")) {
		t.Errorf("got %+v, want it ended at 10:02", l)
	}
}

// A workspace lists only the models it can use: the organization's list counts.
func TestAWorkspacesNarrowerListOfModelsDoesNotCount(t *testing.T) {
	t.Parallel()
	limits, _ := apply([]usage.Reading{
		reading("", entry("g1", []string{"opus", "sonnet"}, value(usage.OutputTokens, 100))),
		reading("w1", entry("g1", []string{"opus", "private"}, value(usage.OutputTokens, 50))),
	})
	want := []usage.Membership{{GroupID: "g1", Model: "opus"}, {GroupID: "g1", Model: "sonnet"}}
	if diff := cmp.Diff(want, limits.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestAGroupThatOnlyAWorkspaceHasLimitsInTakesItsModels(t *testing.T) {
	t.Parallel()
	organization := reading("", entry("g1", []string{"opus"}, value(usage.OutputTokens, 100)))
	workspace := reading("w1", entry("g9", []string{"opus", "video"}, value(usage.OutputTokens, 50)))
	both := []usage.Reading{organization, workspace}
	limits, _ := apply(both, both, both)
	want := []usage.Membership{{GroupID: "g1", Model: "opus"}, {GroupID: "g9", Model: "video"}}
	if diff := cmp.Diff(want, limits.Members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if got, want := limits.Groups["g9"].Name, "Group g9"; got != want {
		t.Errorf("got the group's name %q, want %q", got, want)
	}
	// The organization lists the model in another group later.
	moved := []usage.Reading{reading("", entry("g1", []string{"opus", "video"}, value(usage.OutputTokens, 100))), workspace}
	limits, changes := apply(both, moved)
	want = []usage.Membership{
		{GroupID: "g1", Model: "opus"}, {GroupID: "g1", Model: "video", From: at("10:01")}, {GroupID: "g9", Model: "video", Until: at("10:01")},
	}
	if diff := cmp.Diff(want, limits.Members); diff != "" {
		t.Errorf("members after the move (-want +got):\n%s", diff)
	}
	wantChanges := []usage.Change{{At: at("10:01"), Kind: usage.ModelMoved, GroupID: "g1", FromGroupID: "g9", Model: "video"}}
	if diff := cmp.Diff(wantChanges, changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestAModelThatComesOrGoesIsNoMove(t *testing.T) {
	t.Parallel()
	limits, changes := apply(
		[]usage.Reading{reading("", entry("g1", []string{"old"}))},
		[]usage.Reading{reading("", entry("g1", []string{"new"}))},
		[]usage.Reading{reading("", entry("g1", []string{"new", "old"}))},
	)
	want := []usage.Membership{
		{GroupID: "g1", Model: "new", From: at("10:01")}, {GroupID: "g1", Model: "old", Until: at("10:01")}, {GroupID: "g1", Model: "old", From: at("10:02")},
	}
	if diff := cmp.Diff(want, limits.Members); diff != "" || len(changes) > 0 {
		t.Errorf("got changes %v and members (-want +got):\n%s", changes, diff)
	}
	if m := limits.Members[1]; !m.InForce(at("09:00")) || m.InForce(at("10:01")) {
		t.Errorf("got %+v in force wrongly", m)
	}
}

// Two readings at one time: the later one takes the earlier one's place.
func TestAValueReadTwiceAtOneTimeIsCorrected(t *testing.T) {
	t.Parallel()
	limits, _ := apply([]usage.Reading{reading("", entry("g1", nil, value(usage.OutputTokens, 100)))})
	for _, v := range []int64{50, 70} {
		limits, _ = usage.Apply(limits, []usage.Reading{reading("", entry("g1", nil, value(usage.OutputTokens, v)))}, at("11:00"))
	}
	want := []usage.Limit{
		{GroupID: "g1", Limiter: usage.OutputTokens, Value: 100, Until: at("11:00"), Assumed: true, ReadAt: at("10:00")},
		{GroupID: "g1", Limiter: usage.OutputTokens, Value: 70, From: at("11:00"), ReadAt: at("11:00")},
	}
	if diff := cmp.Diff(want, limits.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestOfALimitStatedTwiceTheLowerCounts(t *testing.T) {
	t.Parallel()
	limits, _ := apply([]usage.Reading{reading("", entry("g1", nil, value(usage.OutputTokens, 100), value(usage.OutputTokens, 30), value(usage.OutputTokens, 60)))})
	if len(limits.Limits) != 1 || limits.Limits[0].Value != 30 {
		t.Errorf("got %+v, want one of 30", limits.Limits)
	}
}

func TestARemovedLimitThatIsAddedAgainHasAGap(t *testing.T) {
	t.Parallel()
	with := []usage.Reading{reading("", entry("g1", nil, value(usage.OutputTokens, 100)))}
	limits, changes := apply(with, []usage.Reading{reading("", entry("g1", nil))}, with)
	if len(changes) != 1 || changes[0].Kind != usage.LimitAdded {
		t.Errorf("got changes %v, want an added limit", changes)
	}
	for clock, want := range map[string]bool{"09:00": true, "10:00": true, "10:01": false, "10:02": true} {
		got := false
		for _, l := range limits.Limits {
			got = got || l.InForce(at(clock))
		}
		if got != want {
			t.Errorf("%s: got in force %v, want %v", clock, got, want)
		}
	}
}
