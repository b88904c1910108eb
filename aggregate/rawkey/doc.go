// Package rawkey finds what a raw key means: the first half of the line "series" of weir's straight line.
//
//	sample  name and tags, views into the datagram
//	Key     New            both with one seeded hash
//	cell    Table.Find     -> hit: the cell; miss: nil, and the registry resolves the key
//
// A raw key is what names a series in a line: the name and the tag section, as sent. Several raw keys may
// mean one series, since tags come in any order. The registry maps, sanitises and sorts; that is slow, so a
// shard remembers what the registry said of each raw key in a [Table].
//
// The bytes of keys lie in an [Arena], apart from the slots: 16 bytes a slot, so that a probe seldom needs a
// second cache line, and no pointer that the garbage collector would have to follow. The hash leads to a
// slot; the bytes decide.
//
// The hash has a seed that is drawn once a process ([hash/maphash]). Nobody who sends lines can make keys
// collide on purpose. The stable hash of a label set, label.ID, is for what outlives a process, and stands
// behind the registry.
//
// # Memory model
//
// A Key, a [Table] and its [Arena] belong to the one goroutine that records, and know no lock and no atomic.
// A hit allocates nothing. Keys are never removed one by one: a shard drops all its tables together with
// their arena, when its [Share] of the [Budget] says that the keys of all shards take too much memory. All
// shards share the budget: a few atomic counters, which they touch for a new key and never on a hit.
//
// # Who may call what
//
// It is a leaf: it imports only the standard library. The shards of aggregate use it. [Table.Find] and
// [Table.Insert] are all that a lookup needs; [Table.Peek] and [Arena.Peek] prefetch for a batch of lookups.
package rawkey
