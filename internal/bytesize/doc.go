// Package bytesize holds the type of every size in weir's configuration. It stands beside the straight line:
// Options structs have fields of type [Size], and config reads them from the file, the environment and the
// flags, all in the same syntax:
//
//	ingest: {receive_buffer: 16MiB}
//	WEIR__CACHE__MAX_SIZE=64MiB
//	--compression.min_size=1KiB
//
// # Who may call what
//
// It is a leaf. Any goroutine may call every function.
//
// # Memory model
//
// A Size is a number. Nothing is kept.
package bytesize
