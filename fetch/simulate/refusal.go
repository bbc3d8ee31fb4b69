package simulate

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// refusal is an answer that is an error, in the documented envelope.
type refusal struct {
	status  int
	kind    string
	message string
	code    string // details.error_code; empty: no details
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.kind, r.message) }

// kinds are the error types by status.
// https://platform.claude.com/docs/en/api/errors
var kinds = map[int]string{
	400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
	404: "not_found_error", 405: "invalid_request_error", 409: "conflict_error", 429: "rate_limit_error",
	500: "api_error", 503: "api_error", 504: "timeout_error", 529: "overloaded_error",
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, kind: kinds[status], message: fmt.Sprintf(format, args...)}
}

// bad refuses a parameter.
func bad(name, format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, name+": "+format, args...)
}

func (r *refusal) body(requestID string) []byte {
	type details struct {
		Code string `json:"error_code"`
	}
	var envelope struct {
		Type  string `json:"type"`
		Error struct {
			Type    string   `json:"type"`
			Message string   `json:"message"`
			Details *details `json:"details,omitempty"`
		} `json:"error"`
		RequestID string `json:"request_id"`
	}
	envelope.Type, envelope.RequestID = "error", requestID
	envelope.Error.Type, envelope.Error.Message = r.kind, r.message
	if r.code != "" {
		envelope.Error.Details = &details{r.code}
	}
	b, err := json.Marshal(envelope)
	if err != nil {
		panic("unreachable: strings always marshal: " + err.Error())
	}
	return b
}
