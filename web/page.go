package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"alerter/evaluate"
)

//go:embed assets
var assets embed.FS

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"number":  func(n evaluate.Number) string { return unbroken(Amount(n)) },
	"percent": func(n evaluate.Number) string { return unbroken(Percent(n)) },
	"who":     func(top []Consumer) string { return strings.ReplaceAll(Who(top, cellWho), " %", unbroken(" %")) },
	"clock":   clock, "old": old, "since": since, "bars": bars,
	"limiter": LimiterWords, "note": limiterNote, "where": where, "state": stateWords,
}).ParseFS(assets, "assets/page.html"))

// What the page shows at most: the worst. JSON has everything.
const (
	shownSeries    = 200
	shownAlerts    = 50
	shownUnwatched = 20
)

// pageData is what page.html is filled with.
type pageData struct {
	Status
	Title         string
	Version       string
	Several       bool // organizations: each line says whose it is
	MoreSeries    int  // that are not shown
	MoreAlerts    int
	MoreUnwatched int
}

// page is the status page: the worst of /api/v1/status, for people.
func (a *answers) page(w http.ResponseWriter, r *http.Request) {
	st, err := a.status()
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPageData(st, a.Version)); err != nil {
		a.Log.Error().Err(err).Msg("page not drawn")
		http.Error(w, "the page cannot be drawn; see the log", http.StatusInternalServerError)
		return
	}
	write(w, "text/html; charset=utf-8", b.Bytes())
}

func newPageData(st Status, version string) pageData {
	d := pageData{Status: st, Title: title(st.Alerts), Version: version, Several: len(st.Organizations) > 1}
	d.Series, d.MoreSeries = first(st.Series, shownSeries)
	d.Alerts, d.MoreAlerts = first(st.Alerts, shownAlerts)
	d.Unmatched.Models, d.MoreUnwatched = first(st.Unmatched.Models, shownUnwatched)
	limiters, more := first(st.Unmatched.Limiters, shownUnwatched-len(d.Unmatched.Models))
	d.Unmatched.Limiters, d.MoreUnwatched = limiters, d.MoreUnwatched+more
	return d
}

// first is the first n of list, and how many more there are.
func first[T any](list []T, n int) (shown []T, more int) {
	n = min(n, len(list))
	return list[:n], len(list) - n
}

// title counts the alerts that fire, the worst first, for whoever has the page
// in a tab behind others.
func title(alerts []Alert) string {
	count := map[evaluate.Severity]int{}
	for _, a := range alerts {
		if a.State == evaluate.Firing {
			count[a.Severity]++
		}
	}
	var parts []string
	for _, s := range []evaluate.Severity{evaluate.Critical, evaluate.Warning, evaluate.Info} {
		if count[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
		}
	}
	if len(parts) == 0 {
		return "alerter"
	}
	return strings.Join(parts, ", ") + " · alerter"
}

// asset serves one of the files beside the page. It is asked for with every
// page and sent once.
func asset(name string) http.Handler {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("unreachable: " + err.Error()) // the file is embedded
	}
	sum := sha256.Sum256(content)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache") // asked again, answered "not modified"
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	})
}
