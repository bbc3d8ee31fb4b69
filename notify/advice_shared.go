package notify

import "slices"

// forAll heads the advice that all alerts of a message share.
const forAll = "To do for all of them"

// shareAdvice takes out of the items what all of those that advise something
// advise alike, to be said once behind them. The items handed in stay as they are.
func shareAdvice(items []Item) (own []Item, shared []string) {
	advising := 0
	for _, i := range items {
		switch {
		case len(i.Text.Advice) == 0:
			continue
		case advising == 0:
			shared = slices.Clone(i.Text.Advice)
		default:
			shared = slices.DeleteFunc(shared, func(a string) bool { return !slices.Contains(i.Text.Advice, a) })
		}
		advising++
	}
	if advising < 2 || len(shared) == 0 {
		return items, nil
	}
	own = slices.Clone(items)
	for n := range own {
		own[n].Text.Advice = slices.DeleteFunc(slices.Clone(own[n].Text.Advice), func(a string) bool { return slices.Contains(shared, a) })
	}
	return own, shared
}
