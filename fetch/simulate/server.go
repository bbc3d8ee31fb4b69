package simulate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Endpoint names what a request asks for, and what a fault is aimed at.
type Endpoint string

// The endpoints there are.
const (
	Me                  Endpoint = "me"
	Workspaces          Endpoint = "workspaces"
	OneWorkspace        Endpoint = "workspace"
	APIKeys             Endpoint = "api_keys"
	RateLimits          Endpoint = "rate_limits"
	WorkspaceRateLimits Endpoint = "workspace_rate_limits"
	AnalyticsUsage      Endpoint = "analytics_usage"
	AnalyticsCost       Endpoint = "analytics_cost"
	UsageReport         Endpoint = "usage_report"
	CostReport          Endpoint = "cost_report"
	SpendLimits         Endpoint = "spend_limits"
)

// The versions of the API.
const (
	version2023 = "2023-06-01"
	version2026 = "2026-10-21"
)

const (
	analyticsBeta = "analytics-usage-cost-2026-08-24"
	spendBeta     = "spend-limit-reads-2026-09-26"
)

// Server answers as the Admin API does. It is an http.Handler, safe for use by
// many goroutines.
type Server struct {
	config   Config
	home     string        // the default workspace's id
	prices   []streamPrice // by stream
	labels   []labels      // by stream
	actors   map[string]*Actor
	deleted  map[string]bool // actors that are deleted users
	timeline *timeline
	history  *history
	faults   faults
	requests atomic.Uint64
}

// call is one request on its way to an answer.
type call struct {
	endpoint Endpoint
	id       string // from the path
	version  string
	header   http.Header
	params   *params
	at       time.Time
	faults   []Fault
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control(w, r)
		return
	}
	id := s.requestID()
	w.Header().Set("request-id", id)
	w.Header().Set("anthropic-organization-id", s.config.Organization.ID)
	endpoint, name := route(r.URL.Path)
	faults := s.faults.take(endpoint)
	if answered := s.fail(w, r, faults, id); answered {
		return
	}
	c := &call{endpoint: endpoint, id: name, header: r.Header, at: s.now(), faults: faults}
	body, refused := s.answer(c, r)
	if refused != nil {
		write(w, refused.status, refused.body(id))
		return
	}
	if has(faults, CutOff) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		body = body[:len(body)/2] // the server closes a connection that owes bytes
	}
	write(w, http.StatusOK, body)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON, sent as such; a client that is gone has nobody to tell
}

// answer checks what every endpoint checks and then asks the endpoint.
func (s *Server) answer(c *call, r *http.Request) ([]byte, *refusal) {
	if refused := s.authenticate(r.Header); refused != nil {
		return nil, refused
	}
	if c.version = r.Header.Get("anthropic-version"); c.version == "" {
		return nil, refuse(400, "anthropic-version: header is required")
	}
	if c.version != version2023 && c.version != version2026 {
		return nil, refuse(400, "anthropic-version: %q is not a valid version", clip(c.version))
	}
	if c.endpoint == "" {
		return nil, refuse(404, "Not found")
	}
	if r.Method != http.MethodGet {
		return nil, refuse(405, "Method Not Allowed")
	}
	p, refused := parse(r.URL.RawQuery)
	if refused != nil {
		return nil, refused
	}
	c.params = p
	v, refused := s.endpoint(c)
	if refused != nil {
		return nil, refused
	}
	var out bytes.Buffer
	if err := json.NewEncoder(&out).Encode(v); err != nil {
		panic("unreachable: the wire types always marshal: " + err.Error())
	}
	return out.Bytes(), nil
}

func (s *Server) endpoint(c *call) (any, *refusal) {
	switch c.endpoint {
	case Me:
		return s.me(c)
	case Workspaces:
		return s.workspaces(c)
	case OneWorkspace:
		return s.workspace(c)
	case APIKeys:
		return s.apiKeys(c)
	case RateLimits:
		return s.rateLimits(c)
	case WorkspaceRateLimits:
		return s.workspaceRateLimits(c)
	case AnalyticsUsage:
		return s.analyticsUsage(c)
	case AnalyticsCost:
		return s.analyticsCost(c)
	case UsageReport:
		return s.usageReport(c)
	case CostReport:
		return s.costReport(c)
	}
	return s.spendLimits(c)
}

// route finds the endpoint of a path, and the id in it.
func route(path string) (Endpoint, string) {
	rest, ok := strings.CutPrefix(path, "/v1/organizations/")
	if !ok {
		return "", ""
	}
	switch rest {
	case "me", "workspaces", "api_keys", "rate_limits", "cost_report", "spend_limits":
		return Endpoint(rest), ""
	case "analytics/usage":
		return AnalyticsUsage, ""
	case "analytics/cost":
		return AnalyticsCost, ""
	case "usage_report/messages":
		return UsageReport, ""
	}
	switch parts := strings.Split(rest, "/"); {
	case len(parts) == 2 && parts[0] == "workspaces" && parts[1] != "":
		return OneWorkspace, parts[1]
	case len(parts) == 3 && parts[0] == "workspaces" && parts[1] != "" && parts[2] == "rate_limits":
		return WorkspaceRateLimits, parts[1]
	}
	return "", ""
}

// authenticate takes a key from either header. With both, both have to be good.
func (s *Server) authenticate(h http.Header) *refusal {
	var keys []string
	keys = append(keys, h.Values("x-api-key")...)
	for _, v := range h.Values("Authorization") {
		key, ok := strings.CutPrefix(v, "Bearer ")
		if !ok {
			return refuse(401, "invalid authorization header")
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return refuse(401, "x-api-key header is required")
	}
	for _, k := range keys {
		if k == "" || len(s.config.AdminKeys) > 0 && !slices.Contains(s.config.AdminKeys, k) {
			return refuse(401, "invalid x-api-key")
		}
	}
	return nil
}

// needs reports, as a refusal, that a beta header is missing.
func (c *call) needs(beta string) *refusal {
	for _, line := range c.header.Values("anthropic-beta") {
		for name := range strings.SplitSeq(line, ",") {
			if strings.TrimSpace(name) == beta {
				return nil
			}
		}
	}
	return refuse(400, "anthropic-beta: this endpoint requires the header value %q", beta)
}

// requestID is a new id. Ids ascend, so that runs can be compared.
func (s *Server) requestID() string { return fmt.Sprintf("req_sim%020d", s.requests.Add(1)) }

func (s *Server) now() time.Time { return s.config.Now().UTC() }

// spendLimits answers what an organization without the early access hears.
func (s *Server) spendLimits(c *call) (any, *refusal) {
	if refused := c.needs(spendBeta); refused != nil {
		return nil, refused
	}
	r := refuse(400, "Spend limits are not supported for this organization type.")
	r.code = "organization_type_not_supported"
	return nil, r
}
