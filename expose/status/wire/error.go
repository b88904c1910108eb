package wire

// The types of errors, as Prometheus's API has them.
const (
	// BadData says that a parameter or the body is wrong.
	BadData = "bad_data"
	// NotFound says that there is no such route, family or series.
	NotFound = "not_found"
	// Unavailable says that there is no answer now.
	Unavailable = "unavailable"
	// Unauthorized says that credentials are needed.
	Unauthorized = "unauthorized"
	// Forbidden says that the requester may not have this answer.
	Forbidden = "forbidden"
	// TooManyRequests says that the requester asks too often.
	TooManyRequests = "too_many_requests"
	// MethodNotAllowed says that the route wants another method.
	MethodNotAllowed = "method_not_allowed"
	// Internal says that weir has a bug.
	Internal = "internal"
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

// Envelope is what every answer is in, as in Prometheus's API.
type Envelope[T any] struct {
	// Status is "success" or "error".
	Status string `json:"status"`
	// Data is the answer; it is there when Status is "success".
	Data T `json:"data,omitzero"`
	// ErrorType and Error are there when Status is "error".
	ErrorType string `json:"errorType,omitempty"`
	Error     string `json:"error,omitempty"`
}
