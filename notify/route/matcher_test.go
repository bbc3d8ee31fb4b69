package route_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"alerter/notify/route"
)

func TestParseMatcherReadsAlertmanagersSyntax(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want route.Matcher
	}{
		{`severity="critical"`, route.Matcher{Name: "severity", Op: "=", Value: "critical"}},
		{`severity=critical`, route.Matcher{Name: "severity", Op: "=", Value: "critical"}},
		{`  severity  =  "critical"  `, route.Matcher{Name: "severity", Op: "=", Value: "critical"}},
		{`severity!="info"`, route.Matcher{Name: "severity", Op: "!=", Value: "info"}},
		{`workspace=~"payments.*"`, route.Matcher{Name: "workspace", Op: "=~", Value: "payments.*"}},
		{`workspace=~pay|search`, route.Matcher{Name: "workspace", Op: "=~", Value: "pay|search"}},
		{`workspace!~"a|b"`, route.Matcher{Name: "workspace", Op: "!~", Value: "a|b"}},
		{`workspace=""`, route.Matcher{Name: "workspace", Op: "="}},
		{`workspace=`, route.Matcher{Name: "workspace", Op: "="}},
		{`workspace=" a "`, route.Matcher{Name: "workspace", Op: "=", Value: " a "}},
		{`workspace="a=b,{c}"`, route.Matcher{Name: "workspace", Op: "=", Value: "a=b,{c}"}},
		{`workspace="say \"hi\" \\ \n"`, route.Matcher{Name: "workspace", Op: "=", Value: "say \"hi\" \\ \n"}},
		{`workspace=~"a\d+\.b"`, route.Matcher{Name: "workspace", Op: "=~", Value: `a\d+\.b`}},
		{`workspace=a\`, route.Matcher{Name: "workspace", Op: "=", Value: `a\`}},
		{`workspace="\é"`, route.Matcher{Name: "workspace", Op: "=", Value: `\é`}},
		{`model_group="Claude Opus 5"`, route.Matcher{Name: "model_group", Op: "=", Value: "Claude Opus 5"}},
		{`_x1="y"`, route.Matcher{Name: "_x1", Op: "=", Value: "y"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := route.ParseMatcher(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("want, got differ:\n%s", diff)
			}
			again, err := route.ParseMatcher(got.String())
			if err != nil || !again.Equal(got) {
				t.Errorf("%s read again: got %v and %v, want the same", got, again, err)
			}
		})
	}
}

func TestParseMatcherSaysWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{`severity`, "matcher `severity`: no operator; write a label, then =, !=, =~ or !~, then a value, such as severity=\"critical\""},
		{``, "matcher ``: no operator; write a label, then =, !=, =~ or !~, then a value, such as severity=\"critical\""},
		{`severity=="critical"`, "matcher `severity==\"critical\"`: == is no operator; write severity=\"critical\""},
		{`severity!critical`, "matcher `severity!critical`: \"!\" is no operator; write =, !=, =~ or !~"},
		{`severity~"c.*"`, "matcher `severity~\"c.*\"`: \"~\" is no operator; write =, !=, =~ or !~"},
		{`="critical"`, "matcher `=\"critical\"`: no label before =; write one, such as severity=\"critical\""},
		{`model-group="x"`, "matcher `model-group=\"x\"`: \"model-group\" is no label name; write letters, digits and _ without quotes, such as severity=\"critical\""},
		{`"severity"="x"`, "matcher `\"severity\"=\"x\"`: \"\\\"severity\\\"\" is no label name; write letters, digits and _ without quotes, such as severity=\"critical\""},
		{`1a="x"`, "matcher `1a=\"x\"`: \"1a\" is no label name; write letters, digits and _ without quotes, such as severity=\"critical\""},
		{`severity='critical'`, "matcher `severity='critical'`: values stand in double quotes; write severity=\"critical\""},
		{`severity="critical`, "matcher `severity=\"critical`: the closing quote is missing; write severity=\"critical\""},
		{`severity="critical\"`, "matcher `severity=\"critical\\\"`: the closing quote is missing; write severity=\"critical\\\"\""},
		{`severity=crit"ical`, "matcher `severity=crit\"ical`: a quote in the middle of a bare value; quote the whole value, and write \\\" for a quote in it: severity=\"…\""},
		{`severity="a" b`, "matcher `severity=\"a\" b`: `b` follows the closing quote; end there, and write \\\" for a quote in the value"},
		{`severity="a",workspace="b"`, "matcher `severity=\"a\",workspace=\"b\"`: write one matcher an entry; this holds several"},
		{`{severity="a"}`, "matcher `{severity=\"a\"}`: leave out the braces and write one matcher an entry, such as severity=\"critical\""},
		{`workspace=~"("`, "matcher `workspace=~\"(\"`: `(` is no regular expression (missing closing ): `(`); write \\ before a character that stands for itself, or workspace=\"(\" for plain text"},
		{`workspace!~"*"`, "matcher `workspace!~\"*\"`: `*` is no regular expression (missing argument to repetition operator: `*`); write \\ before a character that stands for itself, or workspace!=\"*\" for plain text"},
		{`workspace=~")|("`, "matcher `workspace=~\")|(\"`: `)|(` is no regular expression (unexpected ): `)|(`); write \\ before a character that stands for itself, or workspace=\")|(\" for plain text"},
		{"workspace=\"\xff\"", "matcher \"workspace=\\\"\\xff\\\"\": it is not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := route.ParseMatcher(tt.text)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("want, got differ:\n%s", diff)
			}
		})
	}
}

func TestMatcherMatches(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"workspace": "payments-eu", "severity": "critical", "limiter": ""}
	tests := []struct {
		text string
		want bool
	}{
		{`workspace="payments-eu"`, true},
		{`workspace="payments"`, false},
		{`workspace!="payments"`, true},
		{`workspace=~"payments"`, false},
		{`workspace=~"payments.*"`, true},
		{`workspace=~"a|payments-eu"`, true},
		{`workspace=~"a|payments"`, false},
		{`workspace!~"payments"`, true},
		{`workspace!~".*"`, false},
		{`limiter=""`, true},
		{`model_group=""`, true},
		{`model_group!=""`, false},
		{`model_group=~".*"`, true},
		{`model_group=~".+"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			m, err := route.ParseMatcher(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			literal := route.Matcher{Name: m.Name, Op: m.Op, Value: m.Value}
			if got := m.Matches(labels); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if got := literal.Matches(labels); got != tt.want {
				t.Errorf("as a literal: got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMatcherThatCannotBeMatchesNothing(t *testing.T) {
	t.Parallel()
	for _, m := range []route.Matcher{
		{Name: "workspace", Op: "=~", Value: "("},
		{Name: "workspace", Op: "!~", Value: "("},
		{Name: "workspace", Op: ">", Value: "a"},
	} {
		if m.Matches(map[string]string{"workspace": "("}) {
			t.Errorf("%s: got a match, want none", m)
		}
	}
}

func FuzzParseMatcher(f *testing.F) {
	for _, seed := range []string{
		`severity="critical"`, `a=~"b.*"`, `a!~b|c`, `a="\"\\\n"`, `a=`, `a==b`, `{a="b"}`, `a='b'`, `a="b`, `a=b\`, `a=~"("`, ` a = b `, "a=\"\xff\"",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := route.ParseMatcher(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "matcher ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %q, want one line that names the matcher", err)
			}
			return
		}
		again, err := route.ParseMatcher(m.String())
		if err != nil || !again.Equal(m) {
			t.Errorf("%q: got %q and %v from %s, want it the same", text, again, err, m)
		}
		for _, value := range []string{"", m.Value, "critical"} {
			labels := map[string]string{m.Name: value}
			if m.Matches(labels) != again.Matches(labels) {
				t.Errorf("%q: got another answer from %s for %q", text, again, value)
			}
		}
		if m.Op == "=" && !m.Matches(map[string]string{m.Name: m.Value}) {
			t.Errorf("%q does not match its own value", text)
		}
	})
}
