package config

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"go.yaml.in/yaml/v4"
)

// Place is what commands need that work beside the service, on its database or its
// page: where these are. It is read from a file that need not be right in its other
// parts, and where variables that are not set are no mistake. It is too little to run
// anything by, and never becomes a [Config].
type Place struct {
	// Problems are what [Load] would report, but for variables that are not set or empty.
	Problems Errors

	database      string
	listen        Web
	noDatabase    Errors // why the path of the database is not known
	noListen      Errors // why the address of the page is not known
	organizations []Organization
}

// ReadPlace reads as much as can be read of the file at path.
func ReadPlace(path string, env func(string) (string, bool)) Place {
	b, err := readFile(path)
	if err != nil {
		problems, _ := errors.AsType[Errors](err)
		return Place{Problems: problems, noDatabase: problems, noListen: problems}
	}
	return ReadPlaceBytes(path, b, env)
}

// ReadPlaceBytes is [ReadPlace] of what a file of that name holds.
func ReadPlaceBytes(name string, b []byte, env func(string) (string, bool)) Place {
	r := &report{file: name, bad: map[*yaml.Node]bool{}, unset: map[*yaml.Node]string{}}
	check := r.read(b, env)
	if check == nil || r.stopped {
		problems := r.problems.sorted()
		return Place{Problems: problems, noDatabase: problems, noListen: problems}
	}
	unread := maps.Clone(r.bad) // what follows is wrong, but known
	whole := check.all()
	p := Place{Problems: r.problems.sorted(), database: whole.Storage.Path, organizations: whole.Organizations}
	p.listen = Web{Listen: whole.Web.Listen, TLS: whole.Web.TLS}
	p.noDatabase = r.reasons(doubt(check.root, r.bad, "storage", "path"))
	for _, way := range [][]string{{"web", "listen"}, {"web", "tls", "cert_file"}} {
		p.noListen = append(p.noListen, r.reasons(doubt(check.root, unread, way...))...)
	}
	if _, _, err := hostPort(p.listen.Listen); err != nil && len(p.noListen) == 0 {
		at := spot(check.root, "web", "listen")
		p.noListen = Errors{{name, at.Line, at.Column, fmt.Sprintf("web.listen: %s", err)}}
	}
	return p
}

// Database is the path of the database, or an [Errors] that says why it is not known.
func (p Place) Database() (string, error) {
	if len(p.noDatabase) > 0 {
		return "", p.noDatabase
	}
	return p.database, nil
}

// Web is where the service listens, and whether it does so with TLS, or an [Errors]
// that says why that is not known. The rest of it is empty.
func (p Place) Web() (Web, error) {
	if len(p.noListen) > 0 {
		return Web{}, p.noListen
	}
	return p.listen, nil
}

// Settle is as [Config.Settle].
func (p Place) Settle(organization string) time.Duration {
	return settleOf(p.organizations, organization)
}

// doubt finds what leaves the value at the end of a way of keys unknown: the value
// itself, what stands where a mapping on the way should be, or an unknown key that may
// be one of the way misspelt. Nil: the value is known, or the default.
func doubt(n *yaml.Node, bad map[*yaml.Node]bool, way ...string) *yaml.Node {
	for _, key := range way {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; bad[k] && nearest(k.Value, []string{key}) != "" {
				return k
			}
		}
		next := value(n, key)
		if next == nil || bad[next] {
			return next
		}
		n = next
	}
	return nil
}

// reasons are what has been found against a value, nothing for nil.
func (r *report) reasons(n *yaml.Node) Errors {
	if n == nil {
		return nil
	}
	if why, ok := r.unset[n]; ok {
		return Errors{{r.file, n.Line, n.Column, why}}
	}
	var found Errors
	for _, p := range r.problems.sorted() {
		if p.Line == n.Line && p.Column == n.Column {
			found = append(found, p)
		}
	}
	return found
}
