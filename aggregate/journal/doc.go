// Package journal keeps values in a file that is mapped into memory, so that they outlive a process that is
// killed. It stands beside the straight line: the registry writes the values of a series here before a scrape
// or a push shows them, and after a kill the next process reads them back.
//
//	header   magic, id, whether it is complete, boot, blocks    64 bytes
//	entry    lengths, checksum of the head, head                what the values belong to: opaque bytes
//	         slot, slot                                         the values: one slot is whole at any time
//	...      entries do not cross blocks of 1 MiB
//
// # How a kill is survived
//
// A store into a shared mapping is in the page cache at once, and the page cache outlives the process.
// Nothing is synced. A kernel that crashes, or a machine that loses power, may lose such stores: the header
// names the boot of the machine, and [Read] refuses a journal of another boot.
//
// An entry has two slots. [Journal.Update] marks the older slot as invalid, fills it, and marks it as valid
// and newer. So a kill between any two stores leaves the old words or the new words, never a mixture. A new
// entry is filled before the length that makes it visible is stored.
//
// Blocks are allocated before they are mapped, because a store into a mapped hole of a full disk kills the
// process. When there is no room, or when somebody cuts the file short, the journal marks itself as
// incomplete: from then on it does not have everything that it was given, and [Read] refuses it.
//
// # Who may call what
//
// It is a leaf. A [Journal] belongs to one goroutine at a time. [Read] is for files that nobody writes any
// more.
//
// # Memory model
//
// A word that makes other words visible is stored atomically, after them: so the next process finds all of
// them. Within weir, other goroutines read only [Journal.IsComplete], an atomic.
//
// The most important names are [Create], [Journal] and [Read].
package journal
