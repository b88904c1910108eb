package durable_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"weir/internal/durable"
)

// A file that is damaged is noticed, and kept under another name.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path, format := filepath.Join(dir, "state"), durable.Format{Magic: "example state ", Version: 1}
	_, err = format.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "hits 3")
		return err
	})
	fmt.Println("written:", err)

	show := func(version int, payload io.Reader) error {
		text, err := io.ReadAll(payload)
		fmt.Printf("version %d: %s\n", version, text)
		return err
	}
	fmt.Println("read:", format.Read(path, show))

	if err := os.Truncate(path, 26); err != nil {
		panic(err)
	}
	if err := format.Read(path, show); errors.Is(err, durable.ErrDamaged) {
		aside, asideErr := durable.SetAside(path, err)
		fmt.Println(err)
		fmt.Println("it is now", filepath.Base(aside), asideErr)
	}
	// Output:
	// written: <nil>
	// version 1: hits 3
	// read: <nil>
	// damaged: its checksum is wrong: it was changed or cut short
	// it is now state.bad <nil>
}
