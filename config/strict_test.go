package config

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
)

// everyType has a field of each type that settings may have.
type everyType struct {
	Text    string            `yaml:"text"`
	Yes     bool              `yaml:"yes"`
	Whole   int               `yaml:"whole"`
	Small   int8              `yaml:"small"`
	Decimal float64           `yaml:"decimal"`
	Maybe   *bool             `yaml:"maybe"`
	List    []string          `yaml:"list"`
	Table   map[string]string `yaml:"table"`
	Span    evaluate.Duration `yaml:"span"`
	Below   struct {
		Text string `yaml:"text"`
	} `yaml:"below"`
	Inlined  `yaml:",inline"`
	Untagged string
	Hidden   string `yaml:"-"`
	private  string //nolint:unused // is no key of the file, like every unexported field
}

type Inlined struct {
	Inside string `yaml:"inside"`
}

// decodeText reads a mapping into a value and returns what is wrong with it.
func decodeText(t *testing.T, text string, into any) string {
	t.Helper()
	var document yaml.Node
	if err := yaml.Load([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	r := &report{file: "f", bad: map[*yaml.Node]bool{}}
	(&decoder{report: r, folder: "."}).into(document.Content[0], into)
	return r.problems.sorted().Error()
}

func TestEveryTypeOfSettingIsRead(t *testing.T) {
	t.Parallel()
	var got everyType
	problems := decodeText(t, `
text: 123
yes: True
whole: "42"
small: -7
decimal: 1e3
maybe: false
list: one
table: {a: 1, b: two}
span: 1h30m
below: {text: ~}
inside: x
untagged: y
`, &got)
	if problems != "" {
		t.Fatal(problems)
	}
	want := everyType{
		Text: "123", Yes: true, Whole: 42, Small: -7, Decimal: 1000, Maybe: ref(false), List: []string{"one"},
		Table: map[string]string{"a": "1", "b": "two"}, Span: evaluate.Duration(5400e9), Inlined: Inlined{Inside: "x"}, Untagged: "y",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(everyType{}, Inlined{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestEveryBadValueIsReported(t *testing.T) {
	t.Parallel()
	var got everyType
	problems := decodeText(t, `
text: {a: b}
yes: on
whole: 1.5
small: 200
decimal: [1]
maybe: "no"
list: {a: b}
table: [a]
span: [5m]
below: x
hidden: x
private: x
`, &got)
	want := `f:2:7: want a text, got a mapping
f:3:6: want true or false, got "on" (did you mean true?)
f:4:8: want a whole number, got "1.5"
f:5:8: want a whole number, got "200"
f:6:10: want a number, got a list
f:7:8: want true or false, got "no" (did you mean false?)
f:8:7: want a list, got a mapping
f:9:8: want keys and values, got a list
f:10:7: want one value, got a list
f:11:8: want keys and values, got a text
f:12:1: unknown key "hidden"
f:13:1: unknown key "private"`
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestAnEmptyValueLeavesTheDefault(t *testing.T) {
	t.Parallel()
	got := everyType{Text: "default", Span: 7}
	if problems := decodeText(t, "{text: , span: ~, maybe: null}", &got); problems != "" {
		t.Fatal(problems)
	}
	if want := (everyType{Text: "default", Span: 7}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
