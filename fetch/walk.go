package fetch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The functions here step through JSON without holding more than one value of it.
// An end of input inside a value is io.ErrUnexpectedEOF.

// token reads the next token.
func token(d *json.Decoder) (json.Token, error) {
	t, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

// open reads the bracket that begins an object or a list.
func open(d *json.Decoder, want json.Delim, name string) error {
	t, err := token(d)
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("it is %s, not %s", kindOf(t), name)
	}
	return nil
}

// eachField calls field with the name of each field of the object that comes next.
// field must read the value.
func eachField(d *json.Decoder, field func(name string) error) error {
	if err := open(d, '{', "an object"); err != nil {
		return err
	}
	for d.More() {
		t, err := token(d)
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return fmt.Errorf("a field's name is %s", kindOf(t))
		}
		if err := field(name); err != nil {
			return err
		}
	}
	_, err := token(d)
	return err
}

// eachElement calls element for each value of the list that comes next. element
// must read the value.
func eachElement(d *json.Decoder, element func(i int) error) error {
	if err := open(d, '[', "a list"); err != nil {
		return err
	}
	for i := 0; d.More(); i++ {
		if err := element(i); err != nil {
			return err
		}
	}
	_, err := token(d)
	return err
}

// maxDepth bounds nesting in values that are stepped over; each level costs memory.
const maxDepth = 100

// skip steps over the value that comes next, however long it is. It calls fresh
// before each part of it.
func skip(d *json.Decoder, fresh func()) error {
	for depth := 0; ; {
		fresh()
		t, err := token(d)
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return fmt.Errorf("it is nested more than %d deep", maxDepth)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// into decodes the value that comes next, and names the field of a wrong type.
func into(d *json.Decoder, v any) error {
	err := d.Decode(v)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where := strings.TrimPrefix(wrong.Field, "wireCounts.") // embedded: not a part of the JSON
		if where == "" {
			where = "it"
		}
		return fmt.Errorf("%s is %s, which it cannot be", where, kindNamed(wrong.Value))
	}
	return err
}

// kindNamed is the decoder's word for a JSON type in the words of [kindOf].
func kindNamed(value string) string {
	switch word, _, _ := strings.Cut(value, " "); word {
	case "array":
		return kindOf(json.Delim('['))
	case "object":
		return kindOf(json.Delim('{'))
	case "bool":
		return kindOf(true)
	default: // string, or number with its digits behind it
		return "a " + word
	}
}

// kindOf names a token's type.
func kindOf(t json.Token) string {
	switch t := t.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a truth value"
	case float64, json.Number:
		return "a number"
	case json.Delim:
		if t == '[' {
			return "a list"
		}
		return "an object"
	}
	return "something else"
}
