package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// tooPale lists the texts of the page that stand out from what is behind them by
// less than 4.5 to 1, which is what WCAG's level AA asks for:
// https://www.w3.org/TR/WCAG22/#contrast-minimum
const tooPale = `(() => {
	const light = c => {
		const [r, g, b] = c.match(/[\d.]+/g).slice(0, 3).map(v => v / 255)
			.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor;
			if (!c.startsWith('rgba(0, 0, 0, 0')) return c;
		}
		return 'rgb(255, 255, 255)';
	};
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const pale = [];
	while (texts.nextNode()) {
		const text = texts.currentNode.textContent.trim();
		if (!text) continue;
		const e = texts.currentNode.parentElement;
		const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) pale.push(contrast.toFixed(2) + ' ' + text);
	}
	return pale;
})()`

// cut lists the cells and items of the page that stick out of the window.
const cut = `[...document.querySelectorAll('th, td, li, p, h1, h2, svg')]
	.filter(e => e.closest('thead') === null || getComputedStyle(e.closest('thead')).position !== 'absolute')
	.filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth || r.left < 0) })
	.map(e => e.textContent.trim())`

// TestWhatAPersonSees is one visit, step by step: the service plays on meanwhile.
func TestWhatAPersonSees(t *testing.T) {
	t.Parallel()
	installed(t)
	b := open(t) // first: the demo plays on while a browser starts
	page := demo(t)

	do(t, b, chromedp.Navigate(page))
	if got := look[string](t, b, `document.querySelector('meta[http-equiv=refresh]').content`); got != "30" {
		t.Errorf("got refresh %q, want every 30 seconds", got)
	}
	await(t, "the warning", func() bool {
		do(t, b, chromedp.Reload())
		return look[int](t, b, `document.querySelectorAll('ul.alerts li.warning, ul.alerts li.critical').length`) > 0
	})

	t.Run("the alert is in words and in the title", func(t *testing.T) { b.alert(t) })
	t.Run("every limit has a row", func(t *testing.T) { b.rows(t, page) })
	for _, window := range []struct {
		name          string
		width, height int64
	}{{"phone", 375, 812}, {"tablet", 768, 1024}, {"small laptop", 1024, 768}, {"desk", 1300, 900}} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(window.name+" "+scheme, func(t *testing.T) {
				do(t, b, chromedp.EmulateViewport(window.width, window.height))
				b.wear(t, scheme)
				b.readable(t, scheme)
				b.keep(t)
			})
		}
	}
	t.Run("a phone says what each number is", func(t *testing.T) { b.phone(t) })
	if got := b.trouble(); len(got) > 0 {
		t.Errorf("got %d problems in the browser's log:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func (b *tab) alert(t *testing.T) {
	title := do(t, b, chromedp.Title())
	if !strings.HasSuffix(title, " · alerter") || !strings.Contains(title, "warning") && !strings.Contains(title, "critical") {
		t.Errorf("got title %q, want how many alerts fire and how bad they are", title)
	}
	first := look[string](t, b, `document.querySelector('ul.alerts li').innerText`)
	for _, want := range []string{"Claude Opus 4.x", "input tokens", "whole organization", "since ", "Used by workspace prod-agents"} {
		if !strings.Contains(first, want) {
			t.Errorf("got alert %q, want %q in it", first, want)
		}
	}
	if got := look[string](t, b, `document.querySelector('header').innerText`); !strings.Contains(got, "min old") {
		t.Errorf("got header %q, want how old the data are", got)
	}
}

func (b *tab) rows(t *testing.T, page string) {
	rows, want := look[int](t, b, `document.querySelectorAll('tbody tr').length`), len(status(t, page).Series)
	if rows != want || want < 20 {
		t.Errorf("got %d rows, want one for each of %d limits, twenty at least", rows, want)
	}
	if got := look[string](t, b, `document.querySelector('tbody tr td.state').innerText`); got != "warning" && got != "critical" {
		t.Errorf("got %q in the first row, want the worst there", got)
	}
	nodes, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, n := range nodes.Nodes {
		if n.Role != nil {
			count[strings.Trim(string(n.Role.Value), `"`)]++
		}
	}
	if count["table"] != 1 || count["rowheader"] != rows || count["columnheader"] != 9 || count["row"] != rows+1 {
		t.Errorf("got %v for a screen reader, want a table of %d rows, each with its header, and 9 columns", count, rows)
	}
}

// readable checks that nothing is cut or pale in the window as it is.
func (b *tab) readable(t *testing.T, scheme string) {
	t.Helper()
	if wide := look[int](t, b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		t.Errorf("got a page %d pixels wider than the window, want none to scroll", wide)
	}
	if got := look[[]string](t, b, cut); len(got) > 0 {
		t.Errorf("got what sticks out of the window: %q", got)
	}
	if got := look[[]string](t, b, tooPale); len(got) > 0 {
		t.Errorf("got text that is too pale: %q", got)
	}
	want := map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(23, 24, 26)"}[scheme]
	if got := look[string](t, b, `getComputedStyle(document.body).backgroundColor`); got != want {
		t.Errorf("got background %s, want %s", got, want)
	}
}

// phone checks the cards that rows become in a narrow window.
func (b *tab) phone(t *testing.T) {
	do(t, b, chromedp.EmulateViewport(375, 812))
	for _, name := range []string{"used", "of", "full", "pressure"} {
		got := look[string](t, b, `getComputedStyle(document.querySelector('td.`+name+`'), '::before').content`)
		if got != `"`+name+`"` {
			t.Errorf("got %s before a number, want %q", got, name)
		}
	}
	nodes, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	cells := 0
	for _, n := range nodes.Nodes {
		if n.Role != nil && strings.Trim(string(n.Role.Value), `"`) == "cell" {
			cells++
		}
	}
	if rows := look[int](t, b, `document.querySelectorAll('tbody tr').length`); cells != rows*8 {
		t.Errorf("got %d cells for a screen reader, want the %d of the table", cells, rows*8)
	}
}
