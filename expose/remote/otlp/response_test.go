package otlp_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"weir/expose/remote/otlp"
)

// partial returns a response that says how many data points were not kept, and why.
func partial(points int64, why string) []byte {
	message := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(points))
	message = protowire.AppendString(protowire.AppendTag(message, 2, protowire.BytesType), why)
	message = protowire.AppendFixed32(protowire.AppendTag(message, 9, protowire.Fixed32Type), 1) // of a later version
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), message)
}

func TestRejected(t *testing.T) {
	f := func(body []byte, wantPoints int64, wantWhy string) {
		t.Helper()
		if points, why := otlp.Rejected(body); points != wantPoints || why != wantWhy {
			t.Errorf("Rejected(%q) = %d, %q, want %d, %q", body, points, why, wantPoints, wantWhy)
		}
	}
	f(nil, 0, "")
	f(partial(3, "too old"), 3, "too old")
	f(partial(0, "use a newer version"), 0, "use a newer version")
	f(partial(-1, "x"), 0, "x")
	f([]byte(`{"partialSuccess":{}}`), 0, "")
	f([]byte("not found"), 0, "")
	f(partial(3, "too old")[:5], 0, "")
}

// Whatever a receiver answers, reading it ends, and what is read of a response can be read of its like.
func FuzzRejected(f *testing.F) {
	f.Add(partial(3, "too old"))
	f.Add([]byte{0x0a, 0xff})
	f.Fuzz(func(t *testing.T, body []byte) {
		points, why := otlp.Rejected(body)
		if again, reason := otlp.Rejected(partial(points, why)); again != points || reason != why || points < 0 {
			t.Errorf("%d %q, and of its like %d %q", points, why, again, reason)
		}
	})
}
