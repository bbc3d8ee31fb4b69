package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape prints what a JSON text is made of, one path and its types a line, so
// that a script can compare it with what users were promised. Times are UTC to
// the millisecond at most, anything else is a string:
//
//	shape FILE
func shape(ts *script, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: shape FILE")
	}
	text, err := shapeOf([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), text)
}

// shapeOf is the shape of a JSON text.
func shapeOf(text []byte) (string, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return "", fmt.Errorf("read JSON: %w", err)
	}
	types := map[string]map[string]bool{}
	walk(types, "", v)
	var out strings.Builder
	for _, path := range slices.Sorted(maps.Keys(types)) {
		fmt.Fprintf(&out, "%s: %s\n", path, strings.Join(slices.Sorted(maps.Keys(types[path])), " or "))
	}
	return out.String(), nil
}

// walk collects the types at each path below v.
func walk(types map[string]map[string]bool, path string, v any) {
	found := func(kind string) {
		if types[path] == nil {
			types[path] = map[string]bool{}
		}
		types[path][kind] = true
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			found("empty object")
		}
		for key, value := range v {
			walk(types, strings.TrimPrefix(path+"."+key, "."), value)
		}
	case []any:
		if len(v) == 0 {
			found("empty list")
		}
		for _, value := range v {
			walk(types, path+"[]", value)
		}
	case string:
		if timeForm.MatchString(v) {
			found("time")
			return
		}
		found("string")
	case float64:
		found("number")
	case bool:
		found("bool")
	case nil:
		found("null")
	}
}

// timeForm is how times are printed: in UTC, to the millisecond at most.
var timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$`)

func TestShapesTellTypesAndTimes(t *testing.T) {
	t.Parallel()
	got, err := shapeOf([]byte(`{"at":"2026-11-23T09:40:00.123Z","late":"2026-11-23T09:40:00.123456Z","list":[{"a":1},{"a":null}],"none":[],"nothing":{},"yes":true}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "at: time\nlate: string\nlist[].a: null or number\nnone: empty list\nnothing: empty object\nyes: bool\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shape (-want +got):\n%s", diff)
	}
}
