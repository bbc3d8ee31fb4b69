package evaluate

import (
	"time"
)

// Rule says what to look for and for how long. It is what a row of the rules
// table holds.
type Rule struct {
	Alert          string        // the alertname, unique
	Condition      Condition     // of one kind
	For            time.Duration // a level must hold this long before it fires
	KeepFiringFor  time.Duration // and be clear this long before it ends
	RepeatInterval time.Duration // zero: the route's
	Match          Match
}

// Match narrows a rule to some series. Each list holds globs (* and ?); an
// empty list matches everything. The workspace of the whole organization is "".
type Match struct {
	Organization []string `json:"organization,omitempty" yaml:"organization,omitempty"`
	Workspace    []string `json:"workspace,omitempty" yaml:"workspace,omitempty"`
	ModelGroup   []string `json:"model_group,omitempty" yaml:"model_group,omitempty"`
	Limiter      []string `json:"limiter,omitempty" yaml:"limiter,omitempty"`
}
