package simulate_test

import (
	"strings"
	"testing"
	"time"

	"alerter/fetch/simulate"
)

func TestNewSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	c := small()
	o := &c.Organization
	c.Now, o.Name, c.Memory = nil, "", -1
	c.Reporting = simulate.Reporting{Lag: -1, Corrected: 2}
	o.Workspaces = append(o.Workspaces, simulate.Workspace{ID: home, Default: true})
	o.Keys = append(o.Keys, simulate.APIKey{})
	o.Groups = append(o.Groups, simulate.Group{ID: "rlg_x", RateLimitID: "rl_x", Models: []string{opus}})
	o.Overrides = append(o.Overrides, simulate.Override{Workspace: home, Group: "rlg_none"})
	c.Traffic.Discount = 3
	c.Traffic.Streams = append(c.Traffic.Streams,
		simulate.Stream{Workspace: "wrkspc_none", Load: simulate.Load{Trace: &simulate.Trace{}}},
		simulate.Stream{Workspace: home, Rows: []simulate.Row{{At: at(1)}, {At: at(1)}}})
	_, err := simulate.New(c)
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"check simulator configuration: ", "Now is missing", "no id or no name", "Memory is negative", "a duration of Reporting is negative",
		`workspace id "wrkspc_home" is empty or used twice`, "2 default workspaces, want 1", `API key id "" is empty`,
		`model "claude-opus-4-8" is in two groups`, `override of workspace "wrkspc_home", which is unknown or the default`,
		`override of unknown group "rlg_none"`, "its discount is not 0 to 1", `unknown workspace "wrkspc_none"`, "stream 9 has an empty trace",
		"stream 10: row 1 is not at a whole minute after the one before",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	c = small()
	c.Reporting.Corrected = 2
	c.Traffic.Epoch = time.Time{}
	c.Traffic.Streams[0].Load.Trace = &simulate.Trace{Steps: []simulate.Step{{}}}
	if _, err := simulate.New(c); err == nil || !strings.Contains(err.Error(), "Corrected is 2") || !strings.Contains(err.Error(), "Epoch is not a whole minute") {
		t.Errorf("got %v", err)
	}
	c = small()
	c.AdminKeys = nil
	if w := request(server(t, c), limits, map[string]string{"Authorization": "Bearer anything"}); w.Code != 200 {
		t.Errorf("got %d: without AdminKeys any key is let in", w.Code)
	}
	if w := request(server(t, c), limits, map[string]string{"Authorization": "Bearer "}); w.Code != 401 {
		t.Errorf("got %d for an empty key", w.Code)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	var real clock
	real.set(at(0))
	virtual := simulate.Clock(real.now, noon.AddDate(0, 1, 0), 60)
	if got := virtual(); !got.Equal(noon.AddDate(0, 1, 0)) {
		t.Errorf("got %s at first", got)
	}
	real.set(at(0).Add(1500 * time.Millisecond))
	if got := virtual(); !got.Equal(noon.AddDate(0, 1, 0).Add(90 * time.Second)) {
		t.Errorf("got %s after one and a half seconds", got)
	}
}
