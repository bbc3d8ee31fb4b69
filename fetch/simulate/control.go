package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	controlPrefix = "/simulate/"
	maxControl    = 64 << 10 // bytes of a control request
)

// wireFault is a Fault as the control endpoint speaks of it.
type wireFault struct {
	ID         int       `json:"id,omitempty"`
	Kind       Kind      `json:"kind"`
	Endpoint   Endpoint  `json:"endpoint,omitempty"`
	Count      int       `json:"count,omitempty"`
	Status     int       `json:"status,omitempty"`
	ErrorCode  string    `json:"error_code,omitempty"`
	RetryAfter span      `json:"retry_after,omitzero"`
	ResetAfter span      `json:"reset_after,omitzero"`
	Lateness   span      `json:"lateness,omitzero"`
	Since      time.Time `json:"since,omitzero"`
}

// span is a duration written as "90s".
type span time.Duration

func (d span) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *span) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = span(v)
	return err
}

type wireChange struct {
	At        time.Time `json:"at,omitzero"`
	Workspace string    `json:"workspace,omitempty"`
	Group     string    `json:"group"`
	Limiter   string    `json:"limiter,omitempty"`
	Value     *int64    `json:"value"`
	Model     string    `json:"model,omitempty"`
}

// control answers what is not part of the Admin API: see the package comment.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, controlPrefix)
	switch id, one := strings.CutPrefix(path, "faults/"); {
	case r.Method == http.MethodGet && path == "clock":
		reply(w, http.StatusOK, map[string]time.Time{"now": s.now(), "start": s.config.Start})
	case r.Method == http.MethodGet && path == "faults":
		all := []wireFault{}
		for _, f := range s.Faults() {
			all = append(all, wireFault{f.ID, f.Kind, f.Endpoint, f.Count, f.Status, f.ErrorCode,
				span(f.RetryAfter), span(f.ResetAfter), span(f.Lateness), f.Since})
		}
		reply(w, http.StatusOK, map[string]any{"faults": all})
	case r.Method == http.MethodPost && path == "faults":
		s.postFault(w, r)
	case r.Method == http.MethodDelete && path == "faults":
		s.Clear()
		reply(w, http.StatusOK, map[string]any{})
	case r.Method == http.MethodDelete && one:
		n, err := strconv.Atoi(id)
		if err != nil {
			complain(w, fmt.Errorf("fault id %q is not a number", clip(id)))
			return
		}
		s.Clear(n)
		reply(w, http.StatusOK, map[string]any{})
	case r.Method == http.MethodPost && path == "limits":
		s.postChange(w, r)
	default:
		reply(w, http.StatusNotFound, map[string]string{"error": "no such control: " + clip(r.Method+" "+r.URL.Path)})
	}
}

func (s *Server) postFault(w http.ResponseWriter, r *http.Request) {
	var f wireFault
	if err := decode(r, &f); err != nil {
		complain(w, err)
		return
	}
	id, err := s.Inject(Fault{Kind: f.Kind, Endpoint: f.Endpoint, Count: f.Count, Status: f.Status, ErrorCode: f.ErrorCode,
		RetryAfter: time.Duration(f.RetryAfter), ResetAfter: time.Duration(f.ResetAfter), Lateness: time.Duration(f.Lateness), Since: f.Since})
	if err != nil {
		complain(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]int{"id": id})
}

func (s *Server) postChange(w http.ResponseWriter, r *http.Request) {
	var c wireChange
	if err := decode(r, &c); err != nil {
		complain(w, err)
		return
	}
	if err := s.Change(Change(c)); err != nil {
		complain(w, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{})
}

func decode(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxControl))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("decode request: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("decode request: more than one value")
	}
	return nil
}

func complain(w http.ResponseWriter, err error) {
	reply(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func reply(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("unreachable: control answers always marshal: " + err.Error())
	}
	write(w, status, b)
}
