package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"alerter/notify"
)

// gap is what stands between two columns.
const gap = "  "

// leastWrapped is how narrow a column may become before a line runs over the
// terminal's edge instead.
const leastWrapped = 16

// plainTable is a table without borders, so that it can be cut and grepped: one
// line a row. On a terminal the last column is wrapped where it does not fit.
type plainTable struct {
	header table.Row
	rows   []table.Row
	// below is what stands under each row in a line of its own, or empty; nil: nothing
	// does. A table that has it is not wrapped.
	below []string
	// numbers are the columns, from 0, that end at their right edge.
	numbers []int
}

func newTable(header ...any) *plainTable { return &plainTable{header: header} }

func (t *plainTable) row(cells ...any) { t.rows = append(t.rows, cells) }

// width is how wide a column is.
func (t *plainTable) width(column int) int {
	widest := 0
	for _, row := range append([]table.Row{t.header}, t.rows...) {
		widest = max(widest, text.StringWidthWithoutEscSequences(fmt.Sprint(row[column])))
	}
	return widest
}

// total is how wide a line is.
func (t *plainTable) total() int {
	total := len(gap) * (len(t.header) - 1)
	for i := range t.header {
		total += t.width(i)
	}
	return total
}

// print writes the table. columns is how wide the terminal is, 0 where there is none.
func (t *plainTable) print(out io.Writer, columns int) {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", gap
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	var columnsAs []table.ColumnConfig
	for _, i := range t.numbers {
		columnsAs = append(columnsAs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	last := len(t.header) - 1
	left := columns - t.total() + t.width(last)
	if columns > 0 && t.below == nil && t.total() > columns && left >= leastWrapped {
		columnsAs = append(columnsAs, table.ColumnConfig{Number: last + 1, WidthMax: left, WidthMaxEnforcer: text.WrapSoft})
	}
	w.SetColumnConfigs(columnsAs)
	w.AppendHeader(t.header)
	w.AppendRows(t.rows)
	for i, line := range strings.Split(w.Render(), "\n") {
		fmt.Fprintln(out, strings.TrimRight(line, " "))
		if i > 0 && i <= len(t.below) && t.below[i-1] != "" {
			fmt.Fprintln(out, notify.Wrap(gap+t.below[i-1], columns, len(gap)))
		}
	}
}

// fit makes the table as narrow as a terminal. It cuts one column, and where too
// little of that would stay leaves out another one, which stands behind it.
func (t *plainTable) fit(columns, long, spare int) {
	if t.width(long)-(t.total()-columns) < leastCut {
		t.header = slices.Delete(slices.Clone(t.header), spare, spare+1)
		for i := range t.rows {
			t.rows[i] = slices.Delete(t.rows[i], spare, spare+1)
		}
	}
	t.cut(columns, long)
}

// cut makes the table as narrow as a terminal by cutting one column; 0 columns: there
// is none.
func (t *plainTable) cut(columns, long int) {
	if over := t.total() - columns; columns > 0 && over > 0 {
		most := max(t.width(long)-over, leastWrapped)
		for i := range t.rows {
			t.rows[i][long] = text.Snip(fmt.Sprint(t.rows[i][long]), most, "…")
		}
	}
}

// lower puts the last column below each row where too little of it would stay in it,
// and before it the columns that are then too much themselves.
func (t *plainTable) lower(columns int) {
	for {
		last := len(t.header) - 1
		if over := t.total() - columns; columns == 0 || over <= 0 || last == 0 || t.width(last)-over >= leastCut {
			return
		}
		t.header = t.header[:last]
		if t.below == nil {
			t.below = make([]string, len(t.rows))
		}
		for i, row := range t.rows {
			t.below[i] = joinWords(gap, fmt.Sprint(row[last]), t.below[i])
			t.rows[i] = row[:last]
		}
	}
}

// leastCut is how much of a column should stay before another one has to go.
const leastCut = 36
