package guard

import "net/http"

// Reason is why a request is not let in. It is a label of a self-metric: the set is closed.
type Reason uint8

// The reasons.
const (
	// ReasonNone lets the request in.
	ReasonNone Reason = iota
	// ReasonMissing means that there are no credentials.
	ReasonMissing
	// ReasonScheme means credentials of a scheme that is not asked for.
	ReasonScheme
	// ReasonMalformed means an Authorization header that cannot be read, or several.
	ReasonMalformed
	// ReasonUnknown means a token, a user or a password that is not known, or a signature that is wrong.
	ReasonUnknown
	// ReasonExpired means a token whose time is over.
	ReasonExpired
	// ReasonClaims means a JWT of another issuer or audience, one not valid yet, or one without an end.
	ReasonClaims
	// ReasonScope means a valid token without the required scope.
	ReasonScope
	// ReasonBusy means a password, or a token hashed with bcrypt, that could not be checked in time.
	ReasonBusy
)

// reasons are all but ReasonNone.
const reasons = int(ReasonBusy)

// String returns the value of the label; "" for ReasonNone.
func (r Reason) String() string {
	return [...]string{
		ReasonNone:      "",
		ReasonMissing:   "missing",
		ReasonScheme:    "scheme",
		ReasonMalformed: "malformed",
		ReasonUnknown:   "unknown",
		ReasonExpired:   "expired",
		ReasonClaims:    "claims",
		ReasonScope:     "scope",
		ReasonBusy:      "busy",
	}[r]
}

// Status returns the status code of the answer, by RFC 6750, section 3.1.
func (r Reason) Status() int {
	switch r {
	case ReasonNone:
		return http.StatusOK
	case ReasonMalformed:
		return http.StatusBadRequest
	case ReasonScope:
		return http.StatusForbidden
	case ReasonBusy:
		return http.StatusTooManyRequests
	default:
		return http.StatusUnauthorized
	}
}

// Text returns what to tell the client, without a newline.
func (r Reason) Text() string {
	return [...]string{
		ReasonNone:      "welcome",
		ReasonMissing:   "credentials are needed here",
		ReasonScheme:    "credentials of another scheme are needed here",
		ReasonMalformed: "want one Authorization header with credentials in it",
		ReasonUnknown:   "the credentials are not valid",
		ReasonExpired:   "the token has expired",
		ReasonClaims:    "the token is not for here, or not for now",
		ReasonScope:     "the credentials lack the scope that is needed here",
		ReasonBusy:      "too many credentials are being checked",
	}[r]
}

// bearerError returns the error code of RFC 6750, section 3.1; "" when the challenge has none.
func (r Reason) bearerError() string {
	switch r {
	case ReasonMalformed:
		return "invalid_request"
	case ReasonUnknown, ReasonExpired, ReasonClaims:
		return "invalid_token"
	case ReasonScope:
		return "insufficient_scope"
	default:
		return ""
	}
}

// Verdict is the decision on a request.
type Verdict struct {
	// Reason is why the request is refused; ReasonNone lets it in.
	Reason Reason
	// Name is the token's name in the tokens file, the subject of a JWT, the user, or the common name of a
	// certificate, where the credentials are known; it is no secret.
	Name string
}

func refused(r Reason) Verdict { return Verdict{Reason: r} }
