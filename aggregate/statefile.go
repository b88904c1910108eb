package aggregate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"weir/internal/durable"
)

// stateFormat is that of state files. A file of any version up to it can be loaded; a change of the format
// raises the version. The payload is when it was saved, in seconds since the epoch, little endian, and
// records of series.
var stateFormat = durable.Format{Magic: "weir state ", Version: 1}

// ErrState says that a state file cannot be used: it is cut short, damaged, of a newer version, or none.
var ErrState = errors.New("not a usable state file")

// StateFile keeps the series of a registry over restarts. Its methods may be called by one goroutine at a
// time.
type StateFile struct {
	// Path is where it is; a link stays a link. Files beside it begin with the same name: one that is being
	// written ends in ".tmp", one that could not be used in ".bad" or ".version-NNN", perhaps with a number.
	Path string
}

// Save writes every series, beside the writers, and returns how many bytes it wrote. The file is either as it
// was before or whole, whatever happens.
func (f StateFile) Save(r *Registry) (size int64, err error) {
	return stateFormat.Write(f.Path, func(w io.Writer) error {
		if err := binary.Write(w, binary.LittleEndian, r.Now()); err != nil {
			return err
		}
		_, err := r.save(w)
		return err
	})
}

// Load restores what the file has; nothing when there is no file. Call it before anything is recorded, while
// no other process uses the file.
//
// A file that cannot be used goes out of the way, and the error is an ErrState that says where it is. A file of
// a newer version is then called PATH.version-NNN, and is never replaced; a damaged one PATH.bad. Of those the
// first ten are kept; then the one that was written first is replaced. Other errors are of the file system.
func (f StateFile) Load(r *Registry) (restored Restored, err error) {
	_ = durable.RemoveRest(f.Path) // what a crash left is no reason not to start
	err = stateFormat.Read(f.Path, func(_ int, payload io.Reader) error {
		restored, err = r.load(payload)
		return err
	})
	var newer *durable.NewerError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return restored, nil
	case !errors.Is(err, durable.ErrDamaged) && !errors.As(err, &newer):
		return restored, err
	}
	aside, asideErr := durable.SetAside(f.Path, err)
	if asideErr != nil {
		return restored, errors.Join(fmt.Errorf("%w: %w", ErrState, err), asideErr)
	}
	return restored, fmt.Errorf("%w: %w; it is now %s", ErrState, err, aside)
}

// load restores the payload of a state file.
func (r *Registry) load(payload io.Reader) (Restored, error) {
	var saved int64
	if err := binary.Read(payload, binary.LittleEndian, &saved); err != nil {
		return Restored{}, fmt.Errorf("%w: %w", durable.ErrDamaged, err)
	}
	away := min(max(r.Now()-saved, 0), int64(maxDuration/time.Second))
	restored, err := r.restore(payload, uint32(away))
	if err != nil {
		err = fmt.Errorf("%w: %w", durable.ErrDamaged, err)
	}
	return restored, err
}
