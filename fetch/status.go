package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The endpoints, as messages and metrics name them.
const (
	EndpointOrganization    = "organizations/me"
	EndpointWorkspaces      = "workspaces"
	EndpointKeys            = "api_keys"
	EndpointLimits          = "rate_limits"
	EndpointWorkspaceLimits = "workspace_rate_limits"
	EndpointAnalytics       = "analytics_usage"
	EndpointReport          = "usage_report"
	EndpointCost            = "analytics_cost"
	EndpointCostReport      = "cost_report"
)

// The API's codes for causes that matter here. Branch on these, never on messages.
// https://platform.claude.com/docs/en/api/errors
const (
	codeNotEnrolled          = "organization_not_enrolled_in_beta"
	codeTypeNotSupported     = "organization_type_not_supported"
	codeParentRequired       = "parent_organization_required"
	codeTierSpendReached     = "enforced_spend_limit_reached"
	codeContractSpendReached = "contract_spend_limit_reached"
)

// StatusError is an answer with a status other than 200. Its texts come from the
// server, shortened and without any key.
type StatusError struct {
	Endpoint  string // one of the Endpoint constants
	Code      int    // the HTTP status
	Type      string // error.type, or empty where the body is not the API's
	ErrorCode string // error.details.error_code, or empty
	Message   string // error.message, or what came instead, in words
	RequestID string // for Anthropic's support; may be empty
	// RetryAfter is what the Retry-After header asks for; zero without one.
	RetryAfter time.Duration
	// ResetAt is anthropic-ratelimit-requests-reset: when the endpoint's own limit
	// is full again. Zero without the header.
	ResetAt time.Time

	// probing reports whether this answers the smallest query there is, so that a
	// bare 400 means the endpoint and not the parameters.
	probing bool
}

// Error says what was asked, the status, what it means and what to do.
func (e *StatusError) Error() string {
	var b strings.Builder
	b.WriteString(e.Endpoint + " answered " + strconv.Itoa(e.Code))
	if name := e.Type; name != "" {
		b.WriteString(" " + name)
	} else if name := http.StatusText(e.Code); name != "" {
		b.WriteString(" " + name)
	}
	if e.ErrorCode != "" {
		b.WriteString(" (" + e.ErrorCode + ")")
	}
	if e.Message != "" {
		b.WriteString(": " + strconv.Quote(e.Message))
	}
	if m := e.meaning(); m != "" {
		b.WriteString(": " + m)
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}
	return b.String()
}

// meaning is what a person should make of the status.
func (e *StatusError) meaning() string {
	switch {
	case e.Code >= 300 && e.Code < 400:
		return "the Admin API does not redirect, and the key is not taken elsewhere; put the final address into base_url"
	case e.ErrorCode == codeNotEnrolled:
		return "the organization is not enrolled in this beta; the older report is used instead"
	case e.ErrorCode == codeTypeNotSupported, e.ErrorCode == codeParentRequired:
		return "this kind of organization does not have it"
	case e.Code == 400:
		return "the request was refused as it stands; repeating it does not help"
	case e.Code == 401:
		return "the key is wrong, revoked or expired; give a valid Admin API key"
	case e.Code == 403:
		return "the key may not read this; use a Console Admin API key (sk-ant-admin…) of this organization"
	case e.Code == 404:
		return "there is nothing here for this organization, or base_url is wrong"
	case e.spendCapReached():
		return "the organization's spend limit is reached; repeating does not help"
	case e.Code == 429:
		return "the Admin API's own limit is reached; this endpoint rests"
	case e.Code == 529:
		return "the API is overloaded; it is asked again later"
	case e.Code >= 500:
		return "the API has a fault of its own; it is asked again later"
	}
	return ""
}

// KeyRefused reports whether the credential was refused: 401 or 403. On the beta
// report a 403 may concern only the beta, so ask Refused first there.
func (e *StatusError) KeyRefused() bool { return e.Code == 401 || e.Code == 403 }

// Refused reports whether the organization does not have the beta report, so that
// the older one should be read: 403 or 404 from analytics/usage, a 400 that names
// the organization as the cause, or any 400 to [Client.Probe].
func (e *StatusError) Refused() bool {
	if e.Endpoint != EndpointAnalytics {
		return false
	}
	switch e.Code {
	case 403, 404:
		return true
	case 400:
		return e.probing || strings.HasPrefix(e.ErrorCode, "organization_") || e.ErrorCode == codeParentRequired
	}
	return false
}

// RateLimited reports whether the Admin API's own limit was reached.
func (e *StatusError) RateLimited() bool { return e.Code == http.StatusTooManyRequests }

// Temporary reports whether the same request may succeed a moment later: the API's
// own faults, but not 429, which wants rest.
func (e *StatusError) Temporary() bool {
	return e.Code == http.StatusRequestTimeout || e.Code == http.StatusConflict || e.Code >= 500
}

// spendCapReached reports a 429 that lasts until money or a new month comes.
func (e *StatusError) spendCapReached() bool {
	return e.ErrorCode == codeTierSpendReached || e.ErrorCode == codeContractSpendReached
}
