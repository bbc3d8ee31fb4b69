package web

import (
	"math"
	"strconv"
	"time"

	"alerter/evaluate"
	"alerter/usage"
)

// Status is what `alerter status --output json` and /api/v1/status print.
type Status struct {
	AsOf          time.Time      `json:"as_of"` // whole seconds
	Organizations []Organization `json:"organizations"`
	Series        []Series       `json:"series"` // worst first
	Alerts        []Alert        `json:"alerts"` // pending and firing, worst first
	Unmatched     Unmatched      `json:"unmatched"`
	// Problem is why the rest is older than AsOf says, for people: the newest cycle could
	// not be stored. Only the service knows; absent where it was, and in the command's status.
	Problem string `json:"problem,omitempty"`
}

// Organization says where an organization's data come from.
type Organization struct {
	Name       string     `json:"name"`
	ID         string     `json:"id"`
	Source     string     `json:"source"` // the report in use; empty before the first choice
	Why        string     `json:"why"`
	DataAsOf   *time.Time `json:"data_as_of"`
	LagSeconds *float64   `json:"lag_seconds"`
	Problem    string     `json:"problem"` // of the last read, or empty
}

// Labels are a series' names.
type Labels struct {
	Organization string `json:"organization"`
	Workspace    string `json:"workspace"`
	ModelGroup   string `json:"model_group"`
	Limiter      string `json:"limiter"`
}

// IDs are what the names stand for.
type IDs struct {
	OrganizationID string `json:"organization_id"`
	WorkspaceID    string `json:"workspace_id"`
	GroupID        string `json:"group_id"`
}

// Series is one limit as it stands: shape S. Unknown numbers are null.
type Series struct {
	Labels      Labels          `json:"labels"`
	IDs         IDs             `json:"ids"`
	Used        evaluate.Number `json:"used"`
	Limit       evaluate.Number `json:"limit"`
	Utilization evaluate.Number `json:"utilization"` // 0 to 1 and more
	Pressure    evaluate.Number `json:"pressure"`    // the bucket-equivalent rate
	Headroom    evaluate.Number `json:"headroom"`
	// UsedWithCacheReads is the other reading of a limiter of which it is not
	// known whether it counts cache reads; null for others.
	UsedWithCacheReads evaluate.Number `json:"used_with_cache_reads"`
	OrganizationLimit  evaluate.Number `json:"organization_limit"` // the organization's own value beside a workspace's; null otherwise
	WorkspaceLimit     evaluate.Number `json:"workspace_limit"`    // a workspace's own value; null for the organization
	LimitAssumed       bool            `json:"limit_assumed"`      // some minute is from before the limit was first read
	DataAsOf           *time.Time      `json:"data_as_of"`
	State              string          `json:"state"`       // unknown, fine, or the severity of its worst alert
	WhyUnknown         string          `json:"why_unknown"` // why nothing can be said of it, for people; empty where something can
	// Odds are null where nothing was counted for such a reading.
	Odds *Odds      `json:"odds"`
	Top  []Consumer `json:"top"`
	// History is the utilization of the last hour's minutes, oldest first.
	History History `json:"history"`
}

// Odds say in what share of counted cases such a reading led to 429s, or a warning
// of this limit to reaching it.
type Odds struct {
	Within15m float64 `json:"within_15m"` // 0 to 1
	Within60m float64 `json:"within_60m"` // 0 to 1
	// Cases is how many warnings of the limit's own they were counted from; absent
	// where they are from the recorded traces.
	Cases int `json:"cases,omitempty"`
}

// History is a row of ratios to be drawn. In JSON they have four digits behind
// the point, and what is not known is null.
type History []evaluate.Number

// MarshalJSON writes the row in one go: a status of thousands of series has
// hundreds of thousands of them.
func (h History) MarshalJSON() ([]byte, error) {
	out := append(make([]byte, 0, 8*len(h)+2), '[')
	for i, n := range h {
		if i > 0 {
			out = append(out, ',')
		}
		v := float64(n)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			out = append(out, "null"...)
			continue
		}
		out = strconv.AppendFloat(out, math.Round(v*1e4)/1e4, 'f', -1, 64)
	}
	return append(out, ']'), nil
}

// Consumer is somebody who uses a limit.
type Consumer struct {
	Kind  string  `json:"kind"`
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// Alert is an alert in words: shape A.
type Alert struct {
	Labels       map[string]string    `json:"labels"`
	Annotations  map[string]string    `json:"annotations"`
	Fingerprint  evaluate.Fingerprint `json:"fingerprint"`
	State        evaluate.State       `json:"state"`
	Severity     evaluate.Severity    `json:"severity"`
	PendingAt    *time.Time           `json:"pending_at"`
	FiredAt      *time.Time           `json:"fired_at"`
	ResolvedAt   *time.Time           `json:"resolved_at"`
	Acknowledged bool                 `json:"acknowledged"`
	Silenced     bool                 `json:"silenced"`
}

// Unmatched is what could not be joined.
type Unmatched struct {
	Models   []UnmatchedModel `json:"models"`
	Limiters []UnmatchedLimit `json:"limiters"`
}

// UnmatchedModel is usage of a model that is in no limit.
type UnmatchedModel struct {
	Organization string `json:"organization"`
	Model        string `json:"model"`
	Reason       string `json:"reason"`
}

// UnmatchedLimit is a limit that cannot be watched.
type UnmatchedLimit struct {
	Organization string `json:"organization"`
	Workspace    string `json:"workspace"` // its name; empty: the whole organization
	WorkspaceID  string `json:"workspace_id"`
	ModelGroup   string `json:"model_group"`
	Limiter      string `json:"limiter"`
	Value        int64  `json:"value"`
	Reason       string `json:"reason"`
}

func labelsOf(l usage.Labels) Labels {
	return Labels{Organization: l.Organization, Workspace: l.Workspace, ModelGroup: l.ModelGroup, Limiter: l.Limiter}
}

func idsOf(id usage.ID) IDs {
	return IDs{OrganizationID: id.OrganizationID, WorkspaceID: id.WorkspaceID, GroupID: id.GroupID}
}

// moment is nil for the zero time, else UTC.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
