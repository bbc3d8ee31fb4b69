package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"alerter/notify"
)

// maxSecret is the size in bytes above which a file is no secret.
const maxSecret = 64 << 10

// readTwin is the secret x: its value, or where x_file is named what is in that
// file now, without the space around it.
func readTwin(secret, file string) (string, error) {
	if file == "" {
		return secret, nil
	}
	b, err := readSmall(file)
	return strings.TrimSpace(string(b)), err
}

// readSmall reads a file that holds a secret or a certificate. Devices and pipes
// are refused, since they may never end.
func readSmall(file string) ([]byte, error) {
	info, err := os.Stat(file) // follows links: mounted secrets are links
	switch {
	case err != nil:
		return nil, errors.New(file + ": " + reason(err))
	case !info.Mode().IsRegular():
		return nil, errors.New(file + ": is not a file")
	case info.Size() > maxSecret:
		return nil, errors.New(file + ": is larger than 64 KiB: this is no secret")
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, errors.New(file + ": " + reason(err))
	}
	return b, nil
}

// secretFile warns of a secret that everybody on the machine can read.
func (r *report) secretFile(n *yaml.Node, file string) {
	if file == "" {
		return
	}
	if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o004 != 0 {
		r.warn(n, "%s can be read by everybody on this machine: chmod 600 it", file)
	}
}

// secretFiles checks every x_file of a settings struct that has a secret x: that
// it can be read, holds something, and not for everybody.
func (d *decoder) secretFiles(n *yaml.Node, settings reflect.Value) {
	fields := fieldsOf(settings)
	for key, field := range fields {
		if field.Type() != reflect.TypeFor[notify.Secret]() {
			continue
		}
		twin, has := fields[key+"_file"]
		if !has || twin.Kind() != reflect.String || twin.String() == "" {
			continue
		}
		file, at := twin.String(), spot(n, key+"_file")
		secret, err := readTwin("", file)
		switch {
		case err != nil:
			d.fault(at, "%s_file: %s", key, err)
		case secret == "":
			d.fault(at, "%s_file: %s: is empty", key, file)
		default:
			d.secretFile(at, filepath.Clean(file))
		}
	}
}
