package config

import (
	"encoding"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// decoder fills structs from resolved nodes: by their yaml tags, refusing every
// key that has no field, and going on after each problem.
//
// The YAML library's own strict mode is not used because it names Go types in
// its messages, ends a mapping at its first duplicate key and knows no similar keys.
type decoder struct {
	*report
	folder string // that relative paths under *_file keys start from
}

// nodeDecoder is a type that reads its node itself, because which keys it has
// depends on what stands there.
type nodeDecoder interface {
	decodeNode(d *decoder, n *yaml.Node)
}

// decode fills v from n. An empty value leaves v as it is, so that defaults stay.
func (d *decoder) decode(n *yaml.Node, v reflect.Value) {
	if isNull(n) || !d.ok(n) {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.decode(n, v.Elem())
		return
	}
	switch into := v.Addr().Interface().(type) {
	case nodeDecoder:
		into.decodeNode(d, n)
		return
	case encoding.TextUnmarshaler:
		d.text(n, into)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Slice:
		d.list(n, v)
	case reflect.Map:
		d.table(n, v)
	default:
		d.scalar(n, v)
	}
}

// into fills what into points to.
func (d *decoder) into(n *yaml.Node, into any) { d.decode(n, reflect.ValueOf(into).Elem()) }

// text fills a value that reads itself from text.
func (d *decoder) text(n *yaml.Node, into encoding.TextUnmarshaler) {
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, "one value")
		return
	}
	if err := into.UnmarshalText([]byte(n.Value)); err != nil {
		d.fault(n, "%s", err)
	}
}

// structure fills a struct from a mapping.
func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, "keys and values")
		return
	}
	fields := fieldsOf(v)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		field, known := fields[key.Value]
		if !known {
			d.unknownKey(key, slices.Collect(maps.Keys(fields)))
			continue
		}
		if seen[key.Value] {
			field = reflect.New(field.Type()).Elem() // the first counts; this one is only checked
		}
		seen[key.Value] = true
		d.decode(val, field)
		if strings.HasSuffix(key.Value, "_file") && field.Kind() == reflect.String && field.String() != "" {
			field.SetString(d.path(field.String()))
		}
	}
}

// path is a path from the file, relative to the file's folder.
func (d *decoder) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(d.folder, p)
}

// unknownKey reports a key that is not known.
func (d *decoder) unknownKey(key *yaml.Node, known []string) {
	d.fault(key, "unknown key %q%s", key.Value, didYouMean(key.Value, known))
}

// list fills a slice. One value that is no list is a list of one.
func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	items := n.Content
	if n.Kind != yaml.SequenceNode {
		if n.Kind != yaml.ScalarNode || v.Type().Elem().Kind() != reflect.String {
			d.wrongType(n, "a list")
			return
		}
		items = []*yaml.Node{n}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, it := range items {
		if isNull(it) {
			d.fault(it, "the list has an empty entry")
			continue
		}
		d.decode(it, v.Index(i))
	}
}

// table fills a map whose keys are text.
func (d *decoder) table(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, "keys and values")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := reflect.New(v.Type().Key()).Elem()
		d.decode(n.Content[i], key)
		val := reflect.New(v.Type().Elem()).Elem()
		d.decode(n.Content[i+1], val)
		if !v.MapIndex(key).IsValid() {
			v.SetMapIndex(key, val)
		}
	}
}

// scalar fills a text, a number or a bool. It looks at the text and not at the
// YAML type, so that "${PACE}" may be a number and 123 a channel's name.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, wanted(v.Kind()))
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		err = setBool(v, n.Value)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(n.Value, 10, v.Type().Bits())
		v.SetInt(i)
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(n.Value, v.Type().Bits())
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("unreachable: no setting is a %s", v.Type()))
	}
	if err != nil {
		d.fault(n, "want %s, got %q%s", wanted(v.Kind()), n.Value, boolHint(v.Kind(), n.Value))
	}
}

// boolHint is what somebody means who writes a bool as YAML 1.1 let them.
func boolHint(k reflect.Kind, text string) string {
	if k != reflect.Bool {
		return ""
	}
	switch strings.ToLower(text) {
	case "yes", "y", "on", "1":
		return " (did you mean true?)"
	case "no", "n", "off", "0":
		return " (did you mean false?)"
	}
	return ""
}

// setBool takes what YAML 1.2 does, and no yes or on.
func setBool(v reflect.Value, text string) error {
	switch text {
	case "true", "True", "TRUE":
		v.SetBool(true)
	case "false", "False", "FALSE":
		v.SetBool(false)
	default:
		return strconv.ErrSyntax
	}
	return nil
}

// wanted names what a value of a kind looks like.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// fieldsOf returns a struct's fields by their keys in a file: the yaml tag, else
// the name in lower case. Fields of inlined structs are among them.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case options == "inline":
			maps.Copy(fields, fieldsOf(v.Field(i)))
		case name == "":
			fields[strings.ToLower(f.Name)] = v.Field(i)
		default:
			fields[name] = v.Field(i)
		}
	}
	return fields
}
