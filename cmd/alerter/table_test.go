package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATableTooWideForItsLastColumnPutsItBelow(t *testing.T) {
	t.Parallel()
	summary := strings.Repeat("x", 60)
	for columns, want := range map[int]string{
		0:  "STATE   SUMMARY\nfiring  " + summary + "\n",
		80: "STATE   SUMMARY\nfiring  " + summary + "\n",
		40: "STATE\nfiring\n  " + summary + "\n",
	} {
		table := newTable("state", "summary")
		table.row("firing", summary)
		var out bytes.Buffer
		table.lower(columns)
		table.print(&out, columns)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", columns, diff)
		}
	}
}

func TestATableMuchTooWidePutsSeveralColumnsBelowAndBreaksThem(t *testing.T) {
	t.Parallel()
	table := newTable("id", "when", "by", "comment")
	table.row(strings.Repeat("x", 20), "until 19:36:34 UTC", "anna", "load test of the evening")
	table.row(strings.Repeat("y", 20), "", "", "")
	var out bytes.Buffer
	table.lower(39)
	table.print(&out, 39)
	want := "ID\n" + strings.Repeat("x", 20) + "\n  until 19:36:34 UTC  anna  load test\n  of the evening\n" + strings.Repeat("y", 20) + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATableWrapsItsLastColumnOnATerminal(t *testing.T) {
	t.Parallel()
	table := newTable("id", "what")
	table.row(1, "a sentence that is longer than the terminal is wide")
	table.row(12, "short")
	for columns, want := range map[int]string{
		0:  "ID  WHAT\n 1  a sentence that is longer than the terminal is wide\n12  short\n",
		40: "ID  WHAT\n 1  a sentence that is longer than the\n    terminal is wide\n12  short\n",
		10: "ID  WHAT\n 1  a sentence that is longer than the terminal is wide\n12  short\n",
	} {
		var out bytes.Buffer
		table.print(&out, columns)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", columns, diff)
		}
	}
}
