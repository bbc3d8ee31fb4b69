package route

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// ParseMatcher reads one matcher: a label name, an operator and a value, bare or
// in double quotes, with \" \\ and \n as escapes. It reads what Alertmanager's
// configuration means the same by, and refuses what is surely a slip; its
// errors say what to write instead.
// https://prometheus.io/docs/alerting/latest/configuration/#matcher
func ParseMatcher(s string) (Matcher, error) {
	m, err := parseMatcher(s)
	if err != nil {
		return Matcher{}, fmt.Errorf("matcher %s: %w", quoteOnce(s), err)
	}
	return m, nil
}

// quoteOnce shows text in an error without doubling the quotes it holds.
func quoteOnce(s string) string {
	if strings.ContainsAny(s, "`\n") || !utf8.ValidString(s) {
		return fmt.Sprintf("%q", s)
	}
	return "`" + s + "`"
}

func parseMatcher(s string) (Matcher, error) {
	if !utf8.ValidString(s) {
		return Matcher{}, errors.New("it is not UTF-8")
	}
	text := strings.TrimSpace(s)
	if strings.HasPrefix(text, "{") {
		return Matcher{}, fmt.Errorf("leave out the braces and write one matcher an entry, such as %s", example)
	}
	at := strings.IndexAny(text, "=!~")
	if at < 0 {
		return Matcher{}, fmt.Errorf("no operator; write a label, then =, !=, =~ or !~, then a value, such as %s", example)
	}
	name := strings.TrimSpace(text[:at])
	op, rest, err := cutOperator(name, text[at:])
	if err != nil {
		return Matcher{}, err
	}
	if err := checkName(name, op); err != nil {
		return Matcher{}, err
	}
	value, err := parseValue(name, op, strings.TrimSpace(rest))
	if err != nil {
		return Matcher{}, err
	}
	m := Matcher{Name: name, Op: op, Value: value}
	if op == opMatch || op == opNotMatch {
		if m.re, err = anchored(value); err != nil {
			return Matcher{}, badExpression(m, err)
		}
	}
	return m, nil
}

// example is what errors show where nothing better can be made of the input.
const example = `severity="critical"`

// cutOperator splits rest, which starts with one of = ! ~, after its operator.
func cutOperator(name, rest string) (op, value string, err error) {
	if strings.HasPrefix(rest, "==") {
		instead := name + opEqual + strings.TrimLeft(rest, "=")
		return "", "", fmt.Errorf("== is no operator; write %s", strings.ReplaceAll(instead, "\n", `\n`))
	}
	for _, op := range []string{opMatch, opNotMatch, opNotEqual, opEqual} {
		if value, ok := strings.CutPrefix(rest, op); ok {
			return op, value, nil
		}
	}
	return "", "", fmt.Errorf("%q is no operator; write =, !=, =~ or !~", rest[:1])
}

// checkName refuses what cannot be a label name.
func checkName(name, op string) error {
	if name == "" {
		return fmt.Errorf("no label before %s; write one, such as %s", op, example)
	}
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return fmt.Errorf("%q is no label name; write letters, digits and _ without quotes, such as %s", name, example)
		}
	}
	return nil
}

// parseValue reads a bare or quoted value.
func parseValue(name, op, raw string) (string, error) {
	if inner, ok := strings.CutPrefix(raw, "'"); ok {
		instead := Matcher{Name: name, Op: op, Value: strings.TrimSuffix(inner, "'")}
		return "", fmt.Errorf("values stand in double quotes; write %s", instead)
	}
	inner, quoted := strings.CutPrefix(raw, `"`)
	var value strings.Builder
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\' && i+1 < len(inner):
			i++
			value.WriteString(unescape(inner[i]))
		case c != '"':
			value.WriteByte(c)
		case !quoted:
			return "", fmt.Errorf(`a quote in the middle of a bare value; quote the whole value, and write \" for a quote in it: %s%s"…"`, name, op)
		default:
			return value.String(), checkTail(inner[i+1:])
		}
	}
	if quoted {
		return "", fmt.Errorf("the closing quote is missing; write %s", Matcher{Name: name, Op: op, Value: value.String()})
	}
	return value.String(), nil
}

// unescape is what a backslash and c stand for. As in Alertmanager, a backslash
// before anything else stands for itself, so that expressions need no doubling: \d.
func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case '"', '\\':
		return string(c)
	}
	return `\` + string([]byte{c})
}

// checkTail refuses what follows a closing quote.
func checkTail(tail string) error {
	tail = strings.TrimSpace(tail)
	switch {
	case tail == "":
		return nil
	case strings.HasPrefix(tail, ","):
		return errors.New("write one matcher an entry; this holds several")
	}
	return fmt.Errorf(`%s follows the closing quote; end there, and write \" for a quote in the value`, quoteOnce(tail))
}

// badExpression says what is wrong with the regular expression of m.
func badExpression(m Matcher, err error) error {
	why := err.Error()
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		why = e.Code.String() + ": " + quoteOnce(e.Expr)
	}
	plain := Matcher{Name: m.Name, Op: opEqual, Value: m.Value}
	if m.Op == opNotMatch {
		plain.Op = opNotEqual
	}
	return fmt.Errorf(`%s is no regular expression (%s); write \ before a character that stands for itself, or %s for plain text`, quoteOnce(m.Value), why, plain)
}
