package expose

import (
	"errors"
	"net"
	"strings"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"
)

// httpLog gives fasthttp's messages to the log.
type httpLog struct{ log zerolog.Logger }

// Printf logs errors of single connections at debug level, and warns of errors that concern all clients.
//
// The error of a connection may quote the request: fasthttp quotes a header that it cannot parse, and the
// header may hold a token. So only the kind of the error is logged.
func (l httpLog) Printf(format string, args ...any) {
	const connection = "error when serving connection" // its local address, that of the client, the error
	if !strings.HasPrefix(format, connection) {
		l.log.Warn().Msgf("http: "+format, args...)
		return
	}
	event := l.log.Debug()
	for i, arg := range args {
		switch arg := arg.(type) {
		case error:
			event = event.Str("cause", connectionError(arg))
		case net.Addr:
			if i == 1 {
				event = event.Stringer("from", arg)
			}
		}
	}
	event.Msg("an HTTP connection ended with an error")
}

// connectionError says why a connection ended, without a word of what the client sent.
func connectionError(err error) string {
	_, isTooLarge := errors.AsType[*fasthttp.ErrSmallBuffer](err)
	network, isNetwork := errors.AsType[*net.OpError](err)
	switch {
	case isTooLarge:
		return "the header is too large"
	case isNetwork:
		return network.Error()
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return "the request has a body"
	default:
		return "malformed request"
	}
}
