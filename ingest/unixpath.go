package ingest

import (
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"weir/internal/listen"
	"weir/internal/mistake"
)

// maxUnixPath is the longest path of a unix socket, in bytes: sun_path less its NUL, on the strictest system.
const maxUnixPath = 103

// process is a sender known by its process id. It implements net.Addr.
type process int32

// Network returns "pid".
func (process) Network() string { return "pid" }

// String returns the id, like "pid 4711".
func (p process) String() string { return "pid " + strconv.Itoa(int(p)) }

// checkUnix checks the options of unix sockets.
func (o *Options) checkUnix(m *mistake.List) {
	const wantShort = "want a path of at most 103 bytes"
	m.Check(len(o.Unixgram) <= maxUnixPath, "unixgram", o.Unixgram, wantShort)
	m.Check(len(o.Unix) <= maxUnixPath, "unix", o.Unix, wantShort)
	m.Check(o.Unixgram != "@", "unixgram", o.Unixgram, "want a name behind the @")
	_, ok := parseMode(o.UnixMode)
	m.Check(ok, "unix_mode", o.UnixMode, `want permissions in octal, like "0722"`)
	m.Check(o.Unix != "@", "unix", o.Unix, "want a name behind the @")
	m.Check(o.Unix == "" || plainPath(o.Unix), "unix", o.Unix, wantPlainPath)
	m.Check(o.Unix == "" || o.Unix != o.Unixgram, "unix", o.Unix,
		"want another path than ingest.unixgram")
}

// isAbstract reports whether a path is a name in Linux's abstract namespace, which is no file.
func isAbstract(path string) bool { return strings.HasPrefix(path, "@") }

const wantPlainPath = "want an absolute path, or a name in Linux's abstract namespace behind an @, " +
	"without . or .. or empty elements, ? and #"

// plainPath reports whether gnet listens at path, and nowhere else. It takes an address for a URL, which ends
// at a '?' or '#', and cleans its path without a look at symbolic links; and it deletes whatever is where it
// is about to listen: for "/run/weir#1" that would be all of "/run/weir".
func plainPath(path string) bool {
	u, err := url.Parse(strings.ReplaceAll(unixURL(path), "%", "%25")) // as gnet's parseProtoAddr does
	return err == nil && filepath.Join(u.Host, u.Path) == path && (isAbstract(path) || filepath.IsAbs(path))
}

// clearPath makes room for a unix socket of network "unixgram" or "unix" at path: a socket that nobody
// listens on, as a killed process leaves it, is removed. Anything else there is an error.
func clearPath(network, path string) error {
	if network == "unix" && !plainPath(path) { // Validate says so too, but here something would be deleted
		return unixError(network, path, errors.New(wantPlainPath), "")
	}
	// An abstract name is looked at too: gnet deletes the file of that very name, if there is one.
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unixError(network, path, err, "")
	case info.Mode().Type() != fs.ModeSocket:
		return unixError(network, path, errors.New("there is something that is no socket"),
			"remove it")
	}
	c, err := net.Dial(network, path)
	if err == nil {
		_ = c.Close() // it has carried nothing
		err = syscall.EADDRINUSE
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return unixError(network, path, err, "another process listens there: stop that process")
	}
	if err := os.Remove(path); err != nil {
		return unixError(network, path, err, "remove the stale socket")
	}
	return nil
}

// unixError says what cannot be opened, why, and what to do besides giving another path; advice may be empty.
func unixError(network, path string, err error, advice string) error {
	return &listen.Error{Network: network, Address: path, Key: "ingest." + network, Advice: advice, Err: err}
}

// unixURL returns path as gnet wants it. It takes what stands behind "unix://" for a host and a path, and
// joins them: the "." keeps the '@' of an abstract name from being taken for the end of a user's name.
func unixURL(path string) string {
	if isAbstract(path) {
		return "unix://./" + path
	}
	return "unix://" + path
}

// setMode gives the socket at path its permissions, which must be valid; an abstract name has none.
func setMode(path, mode string) error {
	bits, _ := parseMode(mode)
	if isAbstract(path) {
		return nil
	}
	return os.Chmod(path, bits)
}

// parseMode parses permissions in octal, 0 to 0777.
func parseMode(mode string) (bits fs.FileMode, ok bool) {
	n, err := strconv.ParseUint(mode, 8, 32)
	return fs.FileMode(n), err == nil && n <= 0o777
}
