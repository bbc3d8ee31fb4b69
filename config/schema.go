package config

import (
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"

	"alerter/evaluate"
	"alerter/notify"
)

// Draft 7 is what editors know best:
// https://github.com/redhat-developer/yaml-language-server#features
const (
	draft7 = "http://json-schema.org/draft-07/schema#"
	// variablePattern lets a value be ${VAR}, whatever it must be afterwards.
	variablePattern = `|\$\{`
)

// Schema returns the JSON Schema of rules.yaml, made from the structs that the
// file is read into, so that it cannot drift from what is accepted.
func Schema() ([]byte, error) {
	s := reflector().Reflect(&file{})
	s.Version = draft7
	s.Title = "alerter: rules.yaml"
	s.Description = "What to watch, when, and whom to tell. Values may hold ${VAR} and ${VAR:-default}."
	// Routes nest, so theirs is the one schema that is referred to by name.
	below := reflector().Reflect(&routeKeys{})
	below.Version = ""
	definitions, err := json.Marshal(map[string]any{"route": below})
	if err != nil {
		return nil, err
	}
	s.Extras = map[string]any{"definitions": json.RawMessage(definitions)}
	return json.MarshalIndent(s, "", "  ")
}

// reflector makes schemas with every struct written out where it is used: draft 7
// ignores a description that stands beside a reference.
func reflector() *jsonschema.Reflector {
	return &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Anonymous:                  true,
		DoNotReference:             true,
		Mapper:                     schemaOf,
	}
}

// schemaOf is the schema of types that are not written as what they are in Go;
// nil for the others.
func schemaOf(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[evaluate.Duration]():
		return &jsonschema.Schema{
			Type: "string", Pattern: `^0$|^([0-9]+(ms|[ywdhms]))+$` + variablePattern,
		}
	case reflect.TypeFor[evaluate.Share]():
		share := &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+(\.[0-9]+)?%?$` + variablePattern}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{share, {Type: "number", ExclusiveMinimum: "0"}}}
	case reflect.TypeFor[notify.Secret]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[[]string](), reflect.TypeFor[*[]string]():
		one := &jsonschema.Schema{Type: "string"}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{one, {Type: "array", Items: one}}}
	case reflect.TypeFor[[]*routeKeys]():
		return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Ref: "#/definitions/route"}}
	}
	return nil
}

// JSONSchemaExtend adds the rule kinds: exactly one of them, and what stands beside it.
func (ruleKeys) JSONSchemaExtend(s *jsonschema.Schema) {
	for _, name := range evaluate.Kinds() {
		kind, _ := evaluate.KindOf(name)
		own := reflector().Reflect(kind.New())
		own.Version, own.Description = "", kind.Doc
		for _, key := range kind.Keys {
			if beside, ok := own.Properties.Delete(key); ok {
				s.Properties.Set(key, beside)
			}
		}
		s.Properties.Set(name, own)
		only := &jsonschema.Schema{Required: []string{name}}
		if kind.Momentary {
			only.Not = &jsonschema.Schema{}
			for _, key := range timeKeys {
				only.Not.AnyOf = append(only.Not.AnyOf, &jsonschema.Schema{Required: []string{key}})
			}
		}
		s.OneOf = append(s.OneOf, only)
	}
}

// JSONSchemaExtend adds the channels: exactly one of them.
func (receiverKeys) JSONSchemaExtend(s *jsonschema.Schema) {
	for _, name := range notify.Kinds() {
		own := reflector().Reflect(notify.SettingsOf(name))
		own.Version = ""
		s.Properties.Set(name, own)
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Required: []string{name}})
	}
}
