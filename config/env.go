package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// variable is a name a shell would accept.
var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand replaces ${VAR} by the variable's value, ${VAR:-default} by the default
// where the variable is unset or empty, and $$ by a dollar. A dollar before
// anything else is itself, so that a regular expression may end in one.
func expand(s string, env func(string) (string, bool)) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		switch {
		case strings.HasPrefix(rest, "$"):
			out.WriteByte('$')
			s = rest[1:]
		case strings.HasPrefix(rest, "{"):
			inner, after, closed := strings.Cut(rest[1:], "}")
			if !closed {
				return "", errors.New("${ without }: write $${ for a dollar and a brace")
			}
			value, err := expandOne(inner, env)
			if err != nil {
				return "", err
			}
			out.WriteString(value)
			s = after
		default:
			out.WriteByte('$')
			s = rest
		}
	}
}

// expandOne is the value of what stands between the braces.
func expandOne(inner string, env func(string) (string, bool)) (string, error) {
	name, fallback, hasFallback := strings.Cut(inner, ":-")
	if !variable.MatchString(name) {
		return "", errors.New("what stands in ${ } is not the name of an environment variable: write ${NAME} or ${NAME:-default}")
	}
	if strings.Contains(fallback, "${") {
		return "", fmt.Errorf("the default of ${%s} holds another ${: defaults do not nest", name)
	}
	value, ok := env(name)
	switch {
	case ok && (value != "" || !hasFallback):
		return value, nil
	case hasFallback:
		return fallback, nil
	}
	return "", unsetError(name)
}

// unsetError names a variable that the environment lacks.
type unsetError string

// Error says that it is the environment that lacks it, not the file.
func (name unsetError) Error() string {
	return fmt.Sprintf("environment variable %s is not set where this command runs: set it there, or write ${%s:-…} to give it a default", string(name), string(name))
}

// escape writes s so that expand gives it back.
func escape(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if s[i] == '$' && i+1 < len(s) && (s[i+1] == '$' || s[i+1] == '{') {
			out.WriteByte('$')
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
