package ingest

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/panjf2000/gnet/v2"

	"weir/ingest/dgram"
	"weir/internal/listen"
)

// unixStream is the transport of unix streams.
type unixStream struct {
	*streamLoop

	path string
	mode string
}

func probeUnix(o *Options) error {
	if err := dgram.ClearPath("unix", o.Unix); err != nil {
		return unixError("unix", o.Unix, err)
	}
	return nil
}

func newUnix(s *shared) transport {
	u := &unixStream{
		streamLoop: newStreamLoop(s, "unix", framingUnknown), path: s.options.Unix, mode: s.options.UnixMode,
	}
	u.listen = u.start
	u.listenerOf = func(gnet.Conn) string { return "unix://" + u.path }
	return u
}

func (u *unixStream) start() error {
	if err := u.open(); err != nil {
		return unixError("unix", u.path, err)
	}
	return nil
}

// open opens the listener and begins to read.
func (u *unixStream) open() error {
	if !plainPath(u.path) { // Validate refuses it, too, but here gnet would delete something
		return errors.New(wantPlainPath)
	}
	// gnet deletes whatever is at the path, a directory and everything in it included.
	if err := dgram.ClearPath("unix", u.path); err != nil {
		return err
	}
	if err := u.serve([]string{unixURL(u.path)}); err != nil {
		return err
	}
	return dgram.SetMode(u.path, u.mode)
}

func (u *unixStream) addresses() []string { return []string{u.path} }

const wantPlainPath = "want an absolute path, or a name in Linux's abstract namespace behind an @, " +
	"without . or .. or empty elements, ? and #"

// plainPath reports whether gnet listens at path, and nowhere else. gnet takes an address for a URL, which
// ends at a '?' or '#', and cleans its path without looking at symbolic links. Before it listens, it deletes
// whatever is at the path: for "/run/weir#1" that would be all of "/run/weir".
func plainPath(path string) bool {
	u, err := url.Parse(strings.ReplaceAll(unixURL(path), "%", "%25")) // as gnet's parseProtoAddr does
	return err == nil && filepath.Join(u.Host, u.Path) == path &&
		(dgram.IsAbstract(path) || filepath.IsAbs(path))
}

// unixURL returns path as gnet wants it. gnet takes the text after "unix://" for a host and a path, and joins
// them: the "." keeps the '@' of an abstract name from ending a user name.
func unixURL(path string) string {
	if dgram.IsAbstract(path) {
		return "unix://./" + path
	}
	return "unix://" + path
}

// unixError explains why weir cannot listen on path.
func unixError(network, path string, err error) error {
	advice := ""
	switch {
	case errors.Is(err, dgram.ErrNotSocket):
		advice = "remove it"
	case errors.Is(err, dgram.ErrStale):
		advice = "remove it by hand"
	}
	e := listen.NewError(network, path, "ingest."+network, err)
	e.Advice = advice
	return e
}
