package rawkey_test

import (
	"fmt"
	"hash/maphash"

	"weir/aggregate/rawkey"
)

// A shard keeps what a raw key means, and finds it again by the same bytes.
func Example() {
	seed := maphash.MakeSeed()
	keys := rawkey.NewArena(seed)
	var table rawkey.Table[float64]

	key := rawkey.New(seed, []byte("hits"), []byte("code:200"))
	sum := new(float64)
	table.Insert(&key, sum, &keys)

	again := rawkey.New(seed, []byte("hits"), []byte("code:200"))
	*table.Find(&again, &keys) += 3
	other := rawkey.New(seed, []byte("hits"), []byte("code:500"))
	fmt.Println(*sum, table.Find(&other, &keys))
	// Output: 3 <nil>
}
