package usage

import (
	"slices"
	"time"
)

// Lookback is how much of the past before a window [Join] needs to be given, for
// limits that look further back than a minute: a day if there is or was any
// tokens_per_day, else nothing.
func Lookback(limits Limits) time.Duration {
	day := slices.ContainsFunc(limits.Limits, func(l Limit) bool { return l.Limiter == TokensPerDay })
	if !day {
		return 0
	}
	return TokensPerDay.Period()
}

// unobservable is why no report shows the use of a limit, in words for people;
// empty where one does.
func unobservable(groupType string, l Limiter) string {
	if l == EnqueuedBatchRequests {
		return "no report shows how many batch requests are waiting"
	}
	if !l.Known() {
		return "it is not known what this limiter counts"
	}
	switch groupType {
	case ModelGroup:
		if l != ToolUsesPerSecond {
			return ""
		}
		return "it is not known which tools this limiter counts for a model group"
	case WebSearchGroup:
		if l == ToolUsesPerSecond {
			return ""
		}
		return "no report shows this of web searches, only how many there were"
	case BatchGroup:
		return "no report counts the requests to the batch endpoints"
	case TokenCountGroup:
		return "no report counts the requests to the token counting endpoint"
	case FilesGroup:
		return "no report counts the requests to the files endpoints"
	case SkillsGroup:
		return "no report counts the requests to the skills endpoints"
	case "":
		return "it is not known what its group is for"
	}
	return "it is not known what groups of type " + groupType + " are for"
}
