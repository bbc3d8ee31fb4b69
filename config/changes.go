package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Changes says what differs between two configurations, a few words for each
// thing: "receiver oncall removed", "route changed". No value is in it, so no
// secret either; what a secret's file holds is not looked at. Rules are left out:
// which of them are in force is the database's to say.
func Changes(before, after *Config) []string {
	changes := slices.Concat(
		named("organization", before.file.Organizations, after.file.Organizations, organizationKeys.called),
		named("receiver", bare(before.file.Receivers), bare(after.file.Receivers), func(k receiverKeys, _ int) string { return k.Name }),
	)
	old, now := reflect.ValueOf(*before.file), reflect.ValueOf(*after.file)
	for i := range old.NumField() {
		key := old.Type().Field(i).Tag.Get("yaml")
		if slices.Contains([]string{"organizations", "receivers", "rules"}, key) {
			continue
		}
		if !reflect.DeepEqual(old.Field(i).Interface(), now.Field(i).Interface()) {
			changes = append(changes, strings.ReplaceAll(key, "_", " ")+" changed")
		}
	}
	return changes
}

// called is the organization's name, or its place in the list.
func (k organizationKeys) called(i int) string {
	if k.Name == "" {
		return fmt.Sprint(i + 1)
	}
	return k.Name
}

// bare are the receivers without the place in the file they were read from.
func bare(receivers []receiverKeys) []receiverKeys {
	out := slices.Clone(receivers)
	for i := range out {
		out[i].node = nil
	}
	return out
}

// named says what became of the entries of a list, by their names.
func named[T any](kind string, before, after []T, name func(T, int) string) (changes []string) {
	old := map[string]T{}
	for i, entry := range before {
		old[name(entry, i)] = entry
	}
	for i, entry := range after {
		called := name(entry, i)
		was, known := old[called]
		switch {
		case !known:
			changes = append(changes, kind+" "+called+" added")
		case !reflect.DeepEqual(was, entry):
			changes = append(changes, kind+" "+called+" changed")
		}
		delete(old, called)
	}
	for i, entry := range before {
		if _, gone := old[name(entry, i)]; gone {
			changes = append(changes, kind+" "+name(entry, i)+" removed")
		}
	}
	return changes
}
