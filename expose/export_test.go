package expose

import (
	"bytes"
	"io"

	"weir/aggregate"
)

// Render returns the exposition of a registry.
func Render(registry *aggregate.Registry) []byte {
	var b bytes.Buffer
	RenderTo(&b, registry)
	return b.Bytes()
}

// RenderTo writes the exposition of a registry and returns its size.
func RenderTo(w io.Writer, registry *aggregate.Registry) (size int) {
	x := &exposition{server: &Server{}, block: newBlock()}
	defer x.release()
	x.rendering = rendering{families: registry.Snapshot().Families}
	x.next()
	if err := x.renderTo(w); err != nil {
		panic(err)
	}
	return x.size
}

// AppendValue is appendValue.
var AppendValue = appendValue
