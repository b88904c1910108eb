package protocol_test

import (
	"fmt"

	"weir/protocol"
)

func ExampleDecoder() {
	var d protocol.Decoder
	d.Reset([]byte("web.hits:1|c|#status:200\ndb.time:12:7|ms|@0.5\noops"))
	for d.Next() {
		for {
			sample, err := d.Sample()
			if sample == nil && err == nil {
				break
			}
			if err != nil {
				fmt.Printf("%s: %v\n", d.Line(), err)
				continue
			}
			fmt.Printf("%s %v %s, rate %v, tags %q\n", sample.Name, sample.Value, sample.Kind, sample.Rate, sample.Tags)
		}
	}
	// Output:
	// web.hits 1 c, rate 1, tags "status:200"
	// db.time 12 ms, rate 0.5, tags ""
	// db.time 7 ms, rate 0.5, tags ""
	// oops: malformed_line at byte 4
}
