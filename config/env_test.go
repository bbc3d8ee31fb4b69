package config

import (
	"testing"

	"pgregory.net/rapid"
)

func TestVariablesAreExpanded(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) {
		value, ok := map[string]string{"A": "a", "EMPTY": "", "DOLLAR": "${A}", "_x1": "y"}[name]
		return value, ok
	}
	for _, c := range []struct{ in, want, err string }{
		{in: "", want: ""},
		{in: "plain", want: "plain"},
		{in: "${A}", want: "a"},
		{in: "x${A}y${A}z", want: "xayaz"},
		{in: "${_x1}", want: "y"},
		{in: "${A:-b}", want: "a"},
		{in: "${NONE:-b}", want: "b"},
		{in: "${NONE:-}", want: ""},
		{in: "${EMPTY:-b}", want: "b"},
		{in: "${EMPTY}", want: ""},
		{in: "${NONE:-a:-b}", want: "a:-b"},
		{in: "${NONE:-https://x/?a=b$c}", want: "https://x/?a=b$c"},
		{in: "$$", want: "$"},
		{in: "$${A}", want: "${A}"},
		{in: "$$${A}", want: "$a"},
		{in: "$$$$", want: "$$"},
		{in: "$", want: "$"},
		{in: "$A", want: "$A"},
		{in: "end$", want: "end$"},
		{in: `workspace=~"pay$"`, want: `workspace=~"pay$"`},
		{in: "${DOLLAR}", want: "${A}"}, // what a variable holds is not expanded again
		{in: "${NONE}", err: "environment variable NONE is not set where this command runs: set it there, or write ${NONE:-…} to give it a default"},
		{in: "${A", err: "${ without }: write $${ for a dollar and a brace"},
		{in: "${}", err: "what stands in ${ } is not the name of an environment variable: write ${NAME} or ${NAME:-default}"},
		{in: "${1A}", err: "what stands in ${ } is not the name of an environment variable: write ${NAME} or ${NAME:-default}"},
		{in: "${A-b}", err: "what stands in ${ } is not the name of an environment variable: write ${NAME} or ${NAME:-default}"},
		{in: "${ A }", err: "what stands in ${ } is not the name of an environment variable: write ${NAME} or ${NAME:-default}"},
		{in: "${A:-${B}}", err: "the default of ${A} holds another ${: defaults do not nest"},
	} {
		got, err := expand(c.in, env)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: got %q, %v, want error %s", c.in, got, err, c.err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.in, got, err, c.want)
		}
	}
}

func TestEscapedTextExpandsToItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[$a{}:\-]{0,12}`).Draw(t, "text")
		if got, err := expand(escape(text), nothing); got != text || err != nil {
			t.Fatalf("escape(%q) = %q: got %q, %v", text, escape(text), got, err)
		}
	})
}

func TestVariablesAreExpandedInValuesOnly(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) {
		value, ok := map[string]string{
			"KEY": "sk-ant-admin01-x", "PACE": "2.5", "RESOLVED": "false", "WAIT": "30s", "RECEIVER": "a: {b: c}",
		}[name]
		return value, ok
	}
	c, err := LoadBytes("rules.yaml", []byte(`
organizations: [{admin_key: "${KEY}"}]
receivers: [{name: "${RECEIVER}", console: {}, pace: "${PACE}", send_resolved: "${RESOLVED}"}]
route: {receiver: "${RECEIVER}", group_wait: "${WAIT}"}
`), env)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Receivers[0]
	if r.Name != "a: {b: c}" || *r.Pace != 2.5 || r.SendResolved || c.Tree.Root.GroupWait.Seconds() != 30 {
		t.Errorf("got receiver %+v, pace %v, wait %s: a value was not replaced as text", r, *r.Pace, c.Tree.Root.GroupWait)
	}
	_, err = LoadBytes("rules.yaml", []byte("organizations: [{\"${KEY}\": x}]\n"+small[1:]), env)
	if err == nil {
		t.Error("got a key that was expanded, want it refused as unknown")
	}
}
