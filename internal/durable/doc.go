// Package durable keeps a file that is whole or absent, whatever happens: a crash, a full disk, a cut cable.
// It stands beside the straight line; the state of the registry is such a file.
//
//	magic, version as three digits, newline   the head
//	payload                                   what the caller writes
//	xxhash of all before, little endian       8 bytes
//
// [Format.Write] writes the file under a random name in the same directory, syncs it, renames it and syncs
// the directory. So a reader finds the old file or the new one. [Format.Read] looks at the checksum before it
// hands out the payload, and at the version before the checksum, since another version may end otherwise. A
// file that cannot be used goes out of the way by [SetAside], which keeps it, so that somebody can look at it
// or a newer program can read it.
//
// A Format with NoSync leaves out the syncs. Its files outlive the process, killed or not. After a crash of
// the machine a file may be missing or damaged, which Read notices.
//
// A path may be a symbolic link: the file that it leads to is replaced, the link stays.
//
// # Who may call what
//
// It is a leaf. One goroutine of one process may write a path at a time; [Lock] makes sure of that between
// processes. [RemoveRest] is for the time before the first of these writes.
//
// # Memory model
//
// Functions keep no state. A file is what they share: a reader sees all of a write or nothing of it.
package durable
