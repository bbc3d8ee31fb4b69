package worker

import "strconv"

// inWords are the numbers that read better as words.
var inWords = [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}

// inWord is n as people write it: three, 12.
func inWord(n int) string {
	if n >= 0 && n < len(inWords) {
		return inWords[n]
	}
	return strconv.Itoa(n)
}

// times says how often: once, twice, three times.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return inWord(n) + " times"
}

// attempts counts attempts: one attempt, three attempts.
func attempts(n int) string {
	if n == 1 {
		return "one attempt"
	}
	return inWord(n) + " attempts"
}
