package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"alerter/evaluate"
)

// usageSources are the values of usage_source.
var usageSources = []string{"auto", "analytics", "usage_report"}

// maxSettle bounds settle: whoever waits longer for a minute to be complete
// hears of everything too late.
const maxSettle = evaluate.Duration(6 * time.Hour)

// decodeNode reads an organization over its defaults.
func (o *organizationKeys) decodeNode(d *decoder, n *yaml.Node) {
	type plainKeys organizationKeys // without this method
	keys := plainKeys(organizationDefaults())
	d.into(n, &keys)
	*o = organizationKeys(keys)
}

// Key returns the organization's Admin API key: the one in the file, or what the
// key file holds now.
func (o Organization) Key() (string, error) {
	key, err := readTwin(string(o.AdminKey), o.AdminKeyFile)
	if err != nil {
		return "", fmt.Errorf("read admin_key_file: %w", err)
	}
	if err := checkKey(key); err != nil {
		return "", fmt.Errorf("read admin_key_file: %s: %w", o.AdminKeyFile, err)
	}
	return key, nil
}

// Settle is how long after its end a minute of the organization counts as complete:
// the first one's setting where the file does not name it, the default where there
// is none.
func (c *Config) Settle(organization string) time.Duration {
	return settleOf(c.Organizations, organization)
}

func settleOf(all []Organization, name string) time.Duration {
	for _, o := range all {
		if o.Name == name {
			return o.Settle
		}
	}
	if len(all) > 0 {
		return all[0].Settle
	}
	return time.Duration(organizationDefaults().Settle)
}

// organizations checks who is watched.
func (c *checks) organizations() []Organization {
	list := spot(c.root, "organizations")
	if len(c.file.Organizations) == 0 && !c.mayLack("organizations") {
		c.missing(list, "organizations is missing or empty: name at least one, such as admin_key: ${%s}", adminKeyVariable)
	}
	var all []Organization
	names, keys := map[string]bool{}, map[string]bool{}
	for i := range c.file.Organizations {
		o, n := &c.file.Organizations[i], item(list, i)
		c.organizationName(o.Name, n, names)
		c.adminKey(o, n, keys)
		if err := checkBaseURL(o.BaseURL); err != nil {
			c.fault(spot(n, "base_url"), "%s", err)
		}
		o.BaseURL = strings.TrimRight(o.BaseURL, "/")
		c.oneOfWords(spot(n, "usage_source"), o.UsageSource, usageSources)
		if o.Settle > maxSettle {
			c.fault(spot(n, "settle"), "settle is at most %s", maxSettle)
		}
		if o.Backfill > c.retention() {
			c.fault(spot(n, "backfill"), "backfill is longer than storage.retention (%s): the rest would be deleted at once", c.retention())
		}
		all = append(all, Organization{
			Name: o.Name, AdminKey: o.AdminKey, AdminKeyFile: o.AdminKeyFile, BaseURL: o.BaseURL,
			UsageSource: o.UsageSource, Settle: time.Duration(o.Settle), Backfill: time.Duration(o.Backfill),
		})
	}
	return all
}

// organizationName checks that a name is one line and nobody else's. Without a
// name the organization's own is used, which may be left out of any number.
func (c *checks) organizationName(name string, n *yaml.Node, names map[string]bool) {
	at := spot(n, "name")
	switch {
	case name == "":
		return
	case !isLine(name):
		c.fault(at, "name: it is one line without spaces around it")
	case names[name]:
		c.fault(at, "there is an organization %q already", name)
	}
	names[name] = true
}

// adminKey checks that there is one key, that it can be one, and that it is not
// used twice: the same organization would be read and told of twice.
func (c *checks) adminKey(o *organizationKeys, n *yaml.Node, keys map[string]bool) {
	at, fileAt := spot(n, "admin_key"), spot(n, "admin_key_file")
	if n.Kind != yaml.MappingNode || !c.ok(at) || !c.ok(fileAt) {
		return
	}
	switch {
	case o.AdminKey != "" && o.AdminKeyFile != "":
		c.fault(fileAt, "admin_key and admin_key_file: only one of them")
		return
	case o.AdminKeyFile != "":
		at = fileAt
	case value(n, "admin_key") == nil:
		c.missing(n, "admin_key is missing: write admin_key: ${%s}, or admin_key_file", adminKeyVariable)
		return
	}
	key, err := readTwin(string(o.AdminKey), o.AdminKeyFile)
	if err != nil {
		c.fault(at, "admin_key_file: %s", err)
		return
	}
	if err := checkKey(key); err != nil {
		c.fault(at, "%s", err)
		return
	}
	if keys[key] {
		c.fault(at, "another organization above has the same key: one organization is read once")
	}
	keys[key] = true
	c.secretFile(fileAt, o.AdminKeyFile)
}

// checkKey refuses what cannot be a key, without saying what it is.
func checkKey(key string) error {
	switch {
	case key == "":
		return errors.New("the admin key is empty: is the variable it comes from set where this command runs?")
	case strings.HasPrefix(key, "$") || strings.Contains(key, "${"):
		return errors.New("the admin key is the name of a variable that was not replaced: write it with braces, ${NAME}")
	case !isToken(key):
		return fmt.Errorf("the admin key has characters that cannot be in a key: a space, a line end or a letter that is not ASCII")
	}
	return nil
}

// oneOfWords checks a value that is one of a few words.
func (c *checks) oneOfWords(n *yaml.Node, word string, words []string) {
	for _, w := range words {
		if word == w {
			return
		}
	}
	c.fault(n, "%q is none of %s%s", word, strings.Join(words, ", "), didYouMean(word, words))
}
