package config

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

func TestTheSchemaInDocsIsUpToDate(t *testing.T) {
	t.Parallel()
	got, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../docs/rules.schema.json", string(got)+"\n")
	if got, err = CasesSchema(); err != nil {
		t.Fatal(err)
	}
	golden(t, "../docs/tests.schema.json", string(got)+"\n")
}

func TestTheSchemaOfRuleTestsAcceptsWhatLoads(t *testing.T) {
	t.Parallel()
	s := schemaFrom(t, CasesSchema)
	for _, path := range caseFiles(t) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if problems := s.check(s.root, parsed(t, string(b)), filepath.Base(path)); len(problems) > 0 {
			t.Errorf("%s", strings.Join(problems, "\n"))
		}
	}
	const limit = "organization: acme, model_group: Opus, limiter: output_tokens_per_minute"
	for mistake, text := range map[string]string{
		"an unknown key":     "{rule_files: [a], tests: [{limits: [{" + limit + ", value: 5, vale: 6}]}]}",
		"an unknown limiter": "{rule_files: [a], tests: [{limits: [{organization: acme, model_group: Opus, limiter: tokens, value: 5}]}]}",
		"no value":           "{rule_files: [a], tests: [{limits: [{" + limit + "}]}]}",
		"two kinds of value": "{rule_files: [a], tests: [{limits: [{" + limit + ", value: 5, removed: true}]}]}",
		"an unknown reason":  "{rule_files: [a], tests: [{limits: [{" + limit + ", value: 5}], exp_notifications: [{eval_time: 5m, receiver: a, reason: fire}]}]}",
		"no files":           "{tests: [{limits: [{" + limit + ", value: 5}]}]}",
	} {
		if len(s.check(s.root, parsed(t, text), "")) == 0 {
			t.Errorf("%s: got it accepted, want it refused", mistake)
		}
	}
}

func TestTheSchemaAcceptsWhatLoads(t *testing.T) {
	t.Parallel()
	s := loadSchema(t)
	files := map[string]string{"shipped": string(shipped(t)), "full": full, "small": small, "several": threeReceivers + "route: {receiver: a, routes: [{receiver: b, routes: [{receiver: c}]}]}"}
	for name, text := range files {
		if problems := s.check(s.root, parsed(t, text), name); len(problems) > 0 {
			t.Errorf("%s", strings.Join(problems, "\n"))
		}
	}
}

func TestTheSchemaRefusesUnknownKeys(t *testing.T) {
	t.Parallel()
	s := loadSchema(t)
	refused := 0
	files, err := filepath.Glob("../testdata/rules/bad/*unknown_key*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.check(s.root, parsed(t, string(b)), filepath.Base(path))) == 0 {
			t.Errorf("%s: got it accepted, want it refused", path)
		}
		refused++
	}
	if refused < 6 {
		t.Errorf("got %d files with unknown keys, want more", refused)
	}
}

// The defaults that editors show are those that count.
func TestTheSchemasDefaultsAreTheRealOnes(t *testing.T) {
	t.Parallel()
	shown, err := mustLoad(t, small).Show()
	if err != nil {
		t.Fatal(err)
	}
	s := loadSchema(t)
	n := 0
	s.eachDefault(s.root, parsed(t, string(shown)), "", func(way string, want, got any) {
		n++
		if fmt.Sprint(want) != fmt.Sprint(got) && !sameSpan(want, got) {
			t.Errorf("%s: got default %v, want %v", way, want, got)
		}
	})
	if n < 15 {
		t.Errorf("found %d defaults in the schema, want more", n)
	}
}

// sameSpan knows that a day has 24 hours.
func sameSpan(a, b any) bool { return a == "24h" && b == "1d" }

// schemas checks values as much as draft 7 is used here.
type schemas struct {
	root, definitions map[string]any
}

func loadSchema(t *testing.T) schemas {
	t.Helper()
	return schemaFrom(t, Schema)
}

func schemaFrom(t *testing.T, schema func() ([]byte, error)) schemas {
	t.Helper()
	b, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(b, &root); err != nil {
		t.Fatal(err)
	}
	if root["$schema"] != draft7 {
		t.Errorf("got $schema %v, want %s", root["$schema"], draft7)
	}
	definitions, _ := root["definitions"].(map[string]any) // there need be none
	return schemas{root, definitions}
}

// parsed is a YAML text as JSON values.
func parsed(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Load([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// resolve follows a reference.
func (s schemas) resolve(schema map[string]any) map[string]any {
	if ref, ok := schema["$ref"].(string); ok {
		return s.definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
	}
	return schema
}

func (s schemas) check(schema map[string]any, v any, way string) []string {
	schema = s.resolve(schema)
	var problems []string
	bad := func(format string, args ...any) { problems = append(problems, way+": "+fmt.Sprintf(format, args...)) }
	if want, ok := schema["type"].(string); ok && typeOf(v) != want && (want != "number" || typeOf(v) != "integer") {
		bad("got %s, want %s", typeOf(v), want)
		return problems
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.ContainsFunc(enum, func(e any) bool { return reflect.DeepEqual(e, v) }) {
		bad("%v is none of %v", v, enum)
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v.(string)) {
		bad("%v does not match %s", v, pattern)
	}
	if oneOf, ok := schema["oneOf"].([]any); ok {
		matches := 0
		for _, one := range oneOf {
			if len(s.check(one.(map[string]any), v, way)) == 0 {
				matches++
			}
		}
		if matches != 1 {
			bad("matches %d of the alternatives, want 1", matches)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		problems = append(problems, s.checkObject(schema, v, way)...)
	case []any:
		for i, each := range v {
			if items, ok := schema["items"].(map[string]any); ok {
				problems = append(problems, s.check(items, each, fmt.Sprintf("%s[%d]", way, i))...)
			}
		}
	}
	return problems
}

func (s schemas) checkObject(schema, v map[string]any, way string) (problems []string) {
	properties, _ := schema["properties"].(map[string]any)
	for key, below := range v {
		property, known := properties[key].(map[string]any)
		if !known {
			property, known = schema["additionalProperties"].(map[string]any)
		}
		if known {
			problems = append(problems, s.check(property, below, way+"."+key)...)
		} else if schema["additionalProperties"] == false {
			problems = append(problems, way+"."+key+": unknown")
		}
	}
	required, _ := schema["required"].([]any)
	for _, key := range required {
		if _, has := v[key.(string)]; !has {
			problems = append(problems, fmt.Sprintf("%s: %s is missing", way, key))
		}
	}
	return problems
}

// eachDefault calls f with each default in the schema and the value at its place.
func (s schemas) eachDefault(schema map[string]any, v any, way string, f func(way string, want, got any)) {
	if want, ok := schema["default"]; ok {
		f(way, want, v)
	}
	if items, ok := v.([]any); ok && len(items) > 0 {
		if below, ok := schema["items"].(map[string]any); ok {
			s.eachDefault(below, items[0], way+"[0]", f)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	values, _ := v.(map[string]any)
	for key, property := range properties {
		if got, has := values[key]; has {
			s.eachDefault(property.(map[string]any), got, way+"."+key, f)
		}
	}
}

// typeOf is the JSON Schema type of a value.
func typeOf(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}
