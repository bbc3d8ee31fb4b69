// Package alerter carries the copy of rules.yaml that is used where there is no
// other.
package alerter

import _ "embed"

// Rules is the rules.yaml beside this file.
//
//go:embed rules.yaml
var Rules []byte
