package web

import (
	"embed"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"alerter/evaluate"
)

//go:embed assets
var assets embed.FS

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"number": number, "percent": percent, "clock": clock, "ago": ago, "bars": bars, "limiter": limiterWords, "orAll": orAll,
	"who": who,
}).ParseFS(assets, "assets/page.html"))

// page is the status page: the same as /api/v1/status, for people.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	st, err := s.look().Status(r.Context(), s.Now())
	if err != nil {
		s.Log.Error().Err(err).Msg("page not answered")
		http.Error(w, "the database cannot be read; see the log", http.StatusInternalServerError)
		return
	}
	var b strings.Builder
	if err := pageTemplate.Execute(&b, map[string]any{"Status": st, "Version": s.Version}); err != nil {
		s.Log.Error().Err(err).Msg("page not drawn")
		http.Error(w, "the page cannot be drawn; see the log", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(b.String())) // the caller has gone: nobody to tell
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "assets/page.html" {
		http.NotFound(w, r)
		return
	}
	http.ServeFileFS(w, r, assets, name)
}

// number is short enough to read: 1.74 M, 820 k, 64.
func number(n evaluate.Number) string {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return "unknown"
	case math.Abs(v) >= 1e9:
		return fmt.Sprintf("%.3g G", v/1e9)
	case math.Abs(v) >= 1e6:
		return fmt.Sprintf("%.3g M", v/1e6)
	case math.Abs(v) >= 1e4:
		return fmt.Sprintf("%.3g k", v/1e3)
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// who names the two largest workspaces and the largest key: what fits a cell.
// The page's JSON has them all.
func who(top []Consumer) string {
	most := map[string]int{"workspace": 2, "key": 1}
	var parts []string
	for _, c := range top {
		if most[c.Kind] > 0 {
			most[c.Kind]--
			parts = append(parts, fmt.Sprintf("%s %.0f %%", c.Name, c.Share*100))
		}
	}
	return strings.Join(parts, ", ")
}

func percent(n evaluate.Number) string {
	if !n.Known() {
		return "unknown"
	}
	return fmt.Sprintf("%.0f %%", float64(n)*100)
}

func clock(t any) string {
	switch t := t.(type) {
	case time.Time:
		return t.UTC().Format("2006-01-02 15:04 UTC")
	case *time.Time:
		if t != nil {
			return t.UTC().Format("15:04 UTC")
		}
	}
	return "never"
}

func ago(seconds *float64) string {
	if seconds == nil {
		return "no data yet"
	}
	return (time.Duration(*seconds) * time.Second).Round(time.Second).String() + " old"
}

func orAll(workspace string) string {
	if workspace == "" {
		return "whole organization"
	}
	return workspace
}

// limiterWords is the limiter as people say it.
func limiterWords(limiter string) string { return strings.ReplaceAll(limiter, "_", " ") }

// bars draws the last hour as a small picture, one bar a minute; 100 % is the
// dashed line. Unknown minutes are gaps.
func bars(history []evaluate.Number) template.HTML {
	const width, height, full = 3, 28, 22
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="bars" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="utilization of the last hour">`,
		drawn*width, height, drawn*width, height)
	for i, n := range history {
		if !n.Known() || math.IsInf(float64(n), 0) {
			continue
		}
		h := math.Max(0.5, math.Min(float64(n)*full, height))
		class := "low"
		switch {
		case n >= 0.93:
			class = "full"
		case n >= 0.7:
			class = "high"
		}
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%.1f" width="%d" height="%.1f"/>`, class, i*width, height-h, width-1, h)
	}
	fmt.Fprintf(&b, `<line x1="0" x2="%d" y1="%d" y2="%d"/></svg>`, drawn*width, height-full, height-full)
	return template.HTML(b.String()) //nolint:gosec // numbers and fixed words only
}
