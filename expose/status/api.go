package status

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"weir/expose/status/wire"
)

// Root is the path that all routes are below.
const Root = "/api/v1/"

// MaxBodyBytes is the largest body of a request that is read: JSON may write a byte of a line as six.
const MaxBodyBytes = 64 << 10

// API answers requests. It may be used from any goroutine.
type API struct {
	sources Sources
	routes  map[string]*Route
}

// New returns an API that asks these sources.
func New(s Sources) *API {
	a := &API{sources: s, routes: make(map[string]*Route)}
	for _, r := range routes {
		a.routes[r.Path] = &r
	}
	return a
}

// Request is a request that was admitted.
type Request struct {
	Method string // GET, HEAD or POST
	Path   string // the whole path, decoded
	Query  string // what stands behind '?'
	Body   []byte
	// Who is the name of who asks, From the address: for the log.
	Who, From string
}

// Response is the answer to a request. Its body is JSON.
type Response struct {
	Status int
	Body   []byte
	// Allow is the header of this name, which goes with http.StatusMethodNotAllowed.
	Allow string
}

// Route is one path below Root.
type Route struct {
	// Path is the path below Root. One that ends in '/' has a name behind it.
	Path string
	// Method is GET, which allows HEAD too, or POST.
	Method string
	// IsAdmin says that the route changes something.
	IsAdmin bool
	// HasBody says that a POST has a body.
	HasBody bool

	answer func(*call) (any, error)
}

// Find returns the route of a path, nil for an unknown path.
func (a *API) Find(path string) *Route {
	name, ok := strings.CutPrefix(path, Root)
	if !ok {
		return nil
	}
	if r := a.routes[name]; r != nil && !strings.HasSuffix(name, "/") {
		return r
	}
	if root, rest, found := strings.Cut(name, "/"); found && rest != "" {
		return a.routes[root+"/"]
	}
	return nil
}

// Allows reports whether a route has a method.
func (r *Route) Allows(method string) bool {
	return method == r.Method || r.Method == http.MethodGet && method == http.MethodHead
}

// Answer answers a request. It may take two seconds, when the request says that it waits.
func (a *API) Answer(ctx context.Context, r *Request) Response {
	route := a.Find(r.Path)
	switch {
	case route == nil:
		return failure(&wire.Error{
			Type: wire.NotFound, Text: r.Path + " is no route of the API; there are " + a.paths(),
		})
	case !route.Allows(r.Method):
		response := failure(&wire.Error{
			Type: wire.MethodNotAllowed, Text: "only " + route.allow() + " is allowed here",
		})
		response.Allow = route.allow()
		return response
	}
	c, err := newCall(ctx, a, route, r)
	if err != nil {
		return failure(err)
	}
	answer, err := route.answer(c)
	if err != nil {
		return failure(err)
	}
	return success(answer)
}

func (r *Route) allow() string {
	if r.Method == http.MethodGet {
		return "GET, HEAD"
	}
	return r.Method
}

// paths returns all paths, in order.
func (a *API) paths() string {
	var all []string
	for path := range a.routes {
		if strings.HasSuffix(path, "/") {
			path += "{name}"
		}
		all = append(all, Root+path)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// statuses are the status codes of the types of errors.
var statuses = map[string]int{
	wire.BadData:          http.StatusBadRequest,
	wire.NotFound:         http.StatusNotFound,
	wire.Unavailable:      http.StatusServiceUnavailable,
	wire.Forbidden:        http.StatusForbidden,
	wire.TooManyRequests:  http.StatusTooManyRequests,
	wire.MethodNotAllowed: http.StatusMethodNotAllowed,
}

// success returns the response that has an answer.
func success(answer any) Response {
	body, err := json.Marshal(wire.Envelope[any]{Status: "success", Data: answer})
	if err != nil {
		return failure(err)
	}
	return Response{Status: http.StatusOK, Body: append(body, '\n')}
}

// failure returns the response that says what is wrong. An error that is no wire.Error is a bug.
func failure(err error) Response {
	e, ok := errors.AsType[*wire.Error](err)
	if !ok {
		e = &wire.Error{Type: wire.Internal, Text: "weir has a bug: " + err.Error()}
	}
	status, known := statuses[e.Type]
	if !known {
		status = http.StatusInternalServerError
	}
	return Failure(status, e.Type, e.Text)
}

// Failure returns a response that says what is wrong, for requests that do not come to an API.
func Failure(status int, errorType, text string) Response {
	body, err := json.Marshal(struct {
		Status    string `json:"status"`
		ErrorType string `json:"errorType"`
		Error     string `json:"error"`
	}{"error", errorType, text})
	if err != nil {
		body = []byte(`{"status":"error","errorType":"internal","error":"weir has a bug"}`)
	}
	return Response{Status: status, Body: append(body, '\n')}
}
