package fetch

// AnswerError is an answer with status 200 that cannot be used. Its texts are without
// any key.
type AnswerError struct {
	Endpoint  string // one of the Endpoint constants
	RequestID string // for Anthropic's support; may be empty
	CutOff    bool   // it broke off; else it came whole, and is not what was asked for
	Err       error  // what is wrong with it
}

// Error says what was asked and what is wrong with the answer.
func (e *AnswerError) Error() string {
	text := e.Endpoint + " gave an answer that cannot be used: " + e.Err.Error()
	if e.RequestID != "" {
		text += " [request " + e.RequestID + "]"
	}
	return text
}

// Unwrap gives what is wrong with the answer.
func (e *AnswerError) Unwrap() error { return e.Err }

// Unusable reports whether the same question would be answered like that again: the
// answer came whole.
func (e *AnswerError) Unusable() bool { return !e.CutOff }
