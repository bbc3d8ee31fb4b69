package config

import (
	"strings"
	"testing"
)

func TestOddBytesAreReportedWhereTheyAre(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "rules.yaml:1:1: the file is empty: it needs at least organizations and receivers"},
		"comment":           {"# nothing\n", "rules.yaml:1:1: the file is empty: it needs at least organizations and receivers"},
		"null":              {"---\n~\n", "rules.yaml:1:1: the file is empty: it needs at least organizations and receivers"},
		"Latin-1":           {"a: b\nb: caf\xe9\n", "rules.yaml:2:7: this is not UTF-8: save the file as UTF-8"},
		"UTF-16":            {"\xff\xfea\x00:\x00", "rules.yaml:1:1: this is not UTF-8: save the file as UTF-8"},
		"NUL":               {"a: é\x00\n", "rules.yaml:1:5: control character U+0000: remove it"},
		"escape":            {"\ufeffa: \x1b[1m\n", "rules.yaml:1:4: control character U+001B: remove it"},
		"C1":                {"a: \u0090\n", "rules.yaml:1:4: control character U+0090: remove it"},
		"tab":               {"a:\n  b: 1\n\tc: 2\n", "rules.yaml:3:1: the line begins with a tab: YAML is indented with spaces"},
		"tab behind spaces": {"a:\n  \tb: 1\n", "rules.yaml:2:1: the line begins with a tab: YAML is indented with spaces"},
		"too large":         {"# " + strings.Repeat("x", maxFile), "rules.yaml: is larger than 1 MiB: this is not a rules file"},
		"directive":         {"%YAML 9.9\n---\na: 1\n", "rules.yaml:1:1: found incompatible YAML document"},
		"at sign":           {"a: @b\n", "rules.yaml:1:4: found character that cannot start any token: quote a value that begins with @, ` or % (while scanning for the next token that began at 1:4)"},
		"bad second part":   {small + "---\na: [\n", "rules.yaml:6:1: did not find expected node content: close every bracket and quote, and quote a value that begins with # (while parsing a flow node that began at 6:1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadBytes("rules.yaml", []byte(c.text), environment)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWhatEditorsLeaveBehindIsAccepted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"byte order mark":  "\ufeff" + small,
		"Windows line end": strings.ReplaceAll(small, "\n", "\r\n"),
		"no last line end": strings.TrimSpace(small),
		"document markers": "---" + small + "...\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustLoad(t, text)
		})
	}
}

func TestPositionsCountCharacters(t *testing.T) {
	t.Parallel()
	_, receivers, _ := strings.Cut(small, "receivers:")
	_, err := LoadBytes("rules.yaml", []byte("organizations: [{name: 'Zürich·東京', admin_kex: x}]\r\nreceivers:"+receivers), environment)
	want := `rules.yaml:1:37: unknown key "admin_kex" (did you mean "admin_key"?)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
