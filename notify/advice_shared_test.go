package notify

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAllAdviseIsSaidOnce(t *testing.T) {
	t.Parallel()
	type lists [][]string
	for _, c := range []struct {
		name      string
		in, own   lists
		together  []string
		unchanged bool
	}{
		{"the same", lists{{"a", "b"}, {"a", "b"}}, lists{{}, {}}, []string{"a", "b"}, false},
		{"partly", lists{{"a", "b"}, {"c", "a"}}, lists{{"b"}, {"c"}}, []string{"a"}, false},
		{"nothing alike", lists{{"a"}, {"b"}}, nil, nil, true},
		{"one that is over", lists{{"a"}, nil, {"a"}}, lists{{}, nil, {}}, []string{"a"}, false},
		{"only one advises", lists{{"a"}, nil}, nil, nil, true},
		{"alone", lists{{"a"}}, nil, nil, true},
	} {
		var items []Item
		for _, advice := range c.in {
			items = append(items, Item{Text: Text{Advice: advice}})
		}
		own, together := shareAdvice(items)
		var left lists
		for n, item := range own {
			left = append(left, item.Text.Advice)
			if diff := cmp.Diff(c.in[n], items[n].Text.Advice); diff != "" {
				t.Errorf("%s: what was handed in changed:\n%s", c.name, diff)
			}
		}
		want := c.own
		if c.unchanged {
			want = c.in
		}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("%s: own advice differs (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.together, together); diff != "" {
			t.Errorf("%s: shared advice differs (-want +got):\n%s", c.name, diff)
		}
	}
}
