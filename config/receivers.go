package config

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"alerter/notify"
)

// receiverKeys is one entry of receivers: the common keys, and a channel's
// settings under a key of the channel's name.
type receiverKeys struct {
	Name         string   `yaml:"name" jsonschema:"required" jsonschema_description:"What routes call it; each name once."`
	SendResolved *bool    `yaml:"send_resolved" jsonschema:"default=true" jsonschema_description:"Also say when an alert is over."`
	Digest       bool     `yaml:"digest,omitempty" jsonschema:"default=false" jsonschema_description:"Also tell, by schedule.digest, how limits fared since the last digest."`
	Pace         *float64 `yaml:"pace,omitempty" jsonschema:"minimum=0" jsonschema_description:"Messages a second at most, 0 for no bound. Default: the provider's documented limit."`

	kind     string // empty where there is none
	settings any    // a pointer to the kind's settings struct, decoded
	node     *yaml.Node
}

// decodeNode reads a receiver: which keys it may have depends on the kind it has.
func (k *receiverKeys) decodeNode(d *decoder, n *yaml.Node) {
	k.SendResolved = ref(true)
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, "a receiver (name: …)")
		return
	}
	kinds := notify.Kinds()
	type commonKeys receiverKeys // without this method
	common := commonKeys(*k)
	known := slices.Concat(slices.Collect(maps.Keys(fieldsOf(reflect.ValueOf(&common).Elem()))), kinds)
	rest, unknown := emptyMapping(n), false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			d.unknownKey(key, known)
			unknown = true
		case !slices.Contains(kinds, key.Value):
			rest.Content = append(rest.Content, key, val)
		case common.kind == key.Value: // a duplicate, reported already
		case common.kind != "":
			d.fault(key, "a receiver has one kind, and this one is %s already", common.kind)
		default:
			common.kind, common.node = key.Value, val
		}
	}
	d.into(rest, &common)
	*k = receiverKeys(common)
	if k.kind == "" && !unknown { // which may be the kind misspelt
		d.fault(n, "the receiver has no kind: write one of %s", strings.Join(kinds, ", "))
	}
	if k.kind == "" {
		return
	}
	if isNull(k.node) {
		k.node = emptyMapping(k.node)
	}
	k.settings = notify.SettingsOf(k.kind)
	d.into(k.node, k.settings)
	d.secretFiles(k.node, reflect.ValueOf(k.settings).Elem())
}

// receivers checks the places messages go to.
func (c *checks) receivers() []Receiver {
	list := spot(c.root, "receivers")
	if len(c.file.Receivers) == 0 && !c.mayLack("receivers", "route") {
		c.missing(list, "receivers is missing or empty: write at least one, such as {name: console, console: {}}")
	}
	var all []Receiver
	names := map[string]bool{}
	for i := range c.file.Receivers {
		k, n := &c.file.Receivers[i], item(list, i)
		c.receiver(k, n, names)
		if k.kind == "" {
			continue
		}
		c.settings(k)
		r := Receiver{
			Name: k.Name, Kind: k.kind, Settings: settings{node: k.node, folder: c.folder},
			SendResolved: *k.SendResolved, Pace: k.Pace,
		}
		r.Digest = k.Digest && notify.TakesDigest(k.kind, decoded{k.settings})
		if k.Digest && !r.Digest && c.ok(k.node) {
			c.warn(spot(n, "digest"), "digest: %q is told of alerts and of nothing else, so that no digest is sent", k.Name)
		}
		all = append(all, r)
	}
	return all
}

// receiver checks what all receivers have.
func (c *checks) receiver(k *receiverKeys, n *yaml.Node, names map[string]bool) {
	at := spot(n, "name")
	switch {
	case n.Kind != yaml.MappingNode:
	case k.Name == "":
		c.missing(at, "name is missing: routes call the receiver by it")
	case !isLine(k.Name):
		c.fault(at, "name: it is one line without spaces around it")
	case names[k.Name]:
		c.fault(at, "there is a receiver %q already", k.Name)
	}
	names[k.Name] = true
	if k.Pace != nil && !(*k.Pace >= 0 && *k.Pace < math.Inf(1)) {
		c.fault(spot(n, "pace"), "pace is messages a second: 0 (no bound) or more")
	}
}

// settings places what the channel says of its settings: each message starts
// with the key it is about.
func (c *checks) settings(k *receiverKeys) {
	if k.node.Kind != yaml.MappingNode {
		return
	}
	for _, err := range flatten(notify.Check(k.kind, decoded{k.settings})) {
		message := err.Error()
		if v := value(k.node, leadingKey(message)); v != nil {
			c.fault(v, "%s", message)
			continue
		}
		c.missing(k.node, "%s: %s", k.kind, message)
	}
	for _, w := range notify.Warnings(k.kind, decoded{k.settings}) {
		c.warn(k.node, "%s", w)
	}
}

// settings is a receiver's part of the file, which its channel decodes.
type settings struct {
	node   *yaml.Node
	folder string
}

// Decode fills the kind's settings struct and refuses unknown keys.
func (s settings) Decode(into any) error {
	d := &decoder{report: &report{bad: map[*yaml.Node]bool{}}, folder: s.folder}
	d.into(s.node, into)
	if len(d.problems) > 0 {
		return d.problems.sorted()
	}
	return nil
}

// decoded hands out settings that were decoded before, as far as they could be:
// what is wrong with single keys has been reported with their positions.
type decoded struct{ from any }

// Decode copies the settings.
func (s decoded) Decode(into any) error {
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(s.from).Elem())
	return nil
}
