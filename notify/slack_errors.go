package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"
)

// exchange is one request to Slack, watched: the library keeps the status, the
// Retry-After and the text of a refusal to itself or gives them up.
type exchange struct {
	wire       slackWire
	status     int
	retryAfter string
	text       string // of an answer that is not 200
}

// client is an HTTP client that watches, and follows no redirects.
func (e *exchange) client() *http.Client {
	return &http.Client{
		Transport:     e,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RoundTrip sends the request on and remembers the answer.
func (e *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", e.wire.agent)
	if err := tokenToHeader(req); err != nil {
		return nil, err
	}
	resp, err := e.wire.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	e.status, e.retryAfter = resp.StatusCode, resp.Header.Get("Retry-After")
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // what there is of it
		_ = resp.Body.Close()
		e.text = oneLine(string(text))
		resp.Body = io.NopCloser(bytes.NewReader(text))
	}
	return resp, nil
}

// tokenToHeader takes the token out of a form, where the library puts it, into
// the header, where Slack recommends it:
// https://docs.slack.dev/authentication/tokens
func tokenToHeader(req *http.Request) error {
	if req.Body == nil || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return errors.New("read the form for Slack: it is not a form")
	}
	if token := form.Get("token"); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
		form.Del("token")
	}
	encoded := form.Encode()
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(encoded)), int64(len(encoded))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(encoded)), nil }
	return nil
}

// failed says what an unsuccessful exchange means.
func (e *exchange) failed(ctx context.Context, doing string, err error, safe redactor) error {
	wait := parseRetryAfter(e.retryAfter, e.wire.now())
	if e.status != 0 && e.status != http.StatusOK {
		said := fmt.Sprintf("%s: answered %d %s", doing, e.status, http.StatusText(e.status))
		if e.text != "" {
			said += ": " + e.text
		}
		return statusFailure(e.status, wait, errors.New(safe.text(said)))
	}
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		said := fmt.Sprintf("%s: Slack says %s", doing, refusal.Err)
		if more := strings.Join(refusal.ResponseMetadata.Messages, "; "); more != "" {
			said += ": " + oneLine(more)
		}
		reason, permanent := slackRefusal(refusal.Err)
		return &failure{error: errors.New(safe.text(said)), permanent: permanent, retryAfter: wait, reason: reason, refused: reason != ReasonServerError}
	}
	return classified(ctx, doing, err, safe)
}

// slackRefusal says what an error code of chat.postMessage means: why, and
// whether no retry can cure it. A code not known here is tried again.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func slackRefusal(code string) (reason string, permanent bool) {
	switch code {
	case "ratelimited", "rate_limited", "message_limit_exceeded":
		return ReasonRateLimited, false
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org":
		return ReasonServerError, false
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission",
		"missing_scope", "not_allowed_token_type", "ekm_access_denied", "access_denied", "two_factor_setup_required",
		"org_login_required", "team_access_not_granted", "enterprise_is_restricted":
		return ReasonAuthError, true
	case "channel_not_found", "not_in_channel", "is_archived", "is_inactive", "msg_too_long", "msg_blocks_too_long",
		"no_text", "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "invalid_arg_name", "invalid_charset",
		"invalid_form_data", "invalid_post_type", "missing_post_type", "restricted_action", "restricted_action_read_only_channel",
		"restricted_action_thread_only_channel", "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
		"messages_tab_disabled", "metadata_too_large", "metadata_must_be_sent_from_app", "invalid_metadata_format",
		"invalid_metadata_schema", "too_many_attachments", "duplicate_channel_not_found", "method_deprecated",
		"deprecated_endpoint", "slack_connect_file_link_sharing_blocked", "as_user_not_supported", "user_not_found":
		return ReasonClientError, true
	}
	return ReasonOther, false
}
