package wire

// The types of errors, as Prometheus's API has them.
const (
	// BadData says that a parameter is wrong.
	BadData = "bad_data"
	// Unavailable says that there is no answer now.
	Unavailable = "unavailable"
)

// Error is what is wrong with a question, or why it has no answer. It is an error.
type Error struct {
	// Type is one of the constants.
	Type string
	// Text says what to do.
	Text string
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }
