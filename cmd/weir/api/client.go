package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"weir/cmd/weir/explain"
	"weir/expose/status"
	"weir/expose/status/wire"
)

// ErrNoAPI says that a server answers, but not as the API of a weir.
var ErrNoAPI = errors.New("is that a weir with an API? Older ones have none")

const (
	// timeout is how long an answer may take: the API waits for two seconds itself where it is asked to.
	timeout = 10 * time.Second

	// maxAnswer is how much of an answer is read.
	maxAnswer = 16 << 20
)

// Options say whom to ask, and who asks.
type Options struct {
	// URL is that of the running weir, like http://127.0.0.1:9102. It may have the path of a proxy, and
	// credentials of a user.
	URL string
	// TokenFile is the path of a file with a bearer token; empty means none.
	TokenFile string
	// CA is the path of the certificates, in PEM, that vouch for weir's; empty means the system's.
	CA string
}

// Client asks a running weir.
type Client struct {
	base  *url.URL
	token string
	http  http.Client
}

// New reads the files that o names. It asks nothing yet.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("--url: %q: want a URL such as http://127.0.0.1:9102", o.URL)
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	c := &Client{base: base, http: http.Client{Timeout: timeout}}
	if o.TokenFile != "" {
		token, err := os.ReadFile(o.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("--token-file: %w", err)
		}
		c.token = strings.TrimSpace(string(token))
	}
	if o.CA != "" {
		pem, err := os.ReadFile(o.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca: %s: want certificates in PEM", o.CA)
		}
		c.http.Transport = &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		}
	}
	return c, nil
}

// Get returns the answer to a question: a path below status.Root, and its parameters, which may be nil. An
// error of the API is a [wire.Error].
func Get[A any](ctx context.Context, c *Client, path string, parameters url.Values) (answer A, err error) {
	at := *c.base
	at.Path += status.Root + path
	at.RawQuery = parameters.Encode()
	return ask[A](ctx, c, http.MethodGet, &at, http.NoBody)
}

// Post returns the answer to a question with a body, which is sent as JSON: see [Get].
func Post[A any](ctx context.Context, c *Client, path string, body any) (answer A, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer, fmt.Errorf("write a question: %w", err)
	}
	at := *c.base
	at.Path += status.Root + path
	return ask[A](ctx, c, http.MethodPost, &at, bytes.NewReader(text))
}

func ask[A any](
	ctx context.Context, c *Client, method string, at *url.URL, body io.Reader,
) (answer A, err error) {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return answer, fmt.Errorf("ask %s: %w", at.Redacted(), err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.Do(request)
	if err != nil {
		return answer, err
	}
	defer func() { _ = response.Body.Close() }() // all of it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer, fmt.Errorf("ask %s: %w", at.Redacted(), err)
	}
	return read[A](response, text, at.Redacted())
}

// Do sends a request to weir with the token of the client. The error says what to do when weir cannot be
// reached. The caller closes the body of the response.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, advise(err)
	}
	return response, nil
}

// read reads an answer in its envelope.
func read[A any](response *http.Response, body []byte, at string) (answer A, err error) {
	var envelope wire.Envelope[A]
	err = json.Unmarshal(body, &envelope)
	switch isAnswer := err == nil && envelope.Status == "success"; {
	case response.StatusCode == http.StatusOK && isAnswer:
		return envelope.Data, nil
	case response.StatusCode == http.StatusOK && err != nil:
		return answer, fmt.Errorf("ask %s: the answer is no JSON of weir's API: %w", at, err)
	case err != nil || envelope.ErrorType == "": // such as that of a proxy
		return answer, fmt.Errorf("ask %s: it answers %d %s: %w", at,
			response.StatusCode, http.StatusText(response.StatusCode), ErrNoAPI)
	}
	why := explain.Printable(envelope.Error)
	if response.StatusCode == http.StatusUnauthorized {
		why += ": give a token by --token-file, or user:password in --url"
	}
	return answer, &wire.Error{Type: envelope.ErrorType, Text: why}
}

// advise adds what to do to an error of a connection.
func advise(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: is weir running there? --url says where its endpoint.listen is", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: weir does not answer", err)
	default:
		return err
	}
}

// IsFinal reports whether asking again makes no sense: the API said so.
func IsFinal(err error) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return ok && e.Type != wire.Unavailable && e.Type != wire.TooManyRequests
}

// Sleep returns after d, or when ctx is done.
func Sleep(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}
