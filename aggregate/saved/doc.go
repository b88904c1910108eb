// Package saved has what a state keeps of families and series: the records of a state file, and the entries
// of a journal. It stands beside the straight line.
//
//	state file    gob records: Family, with some of its Series
//	journal       an entry for each family, whose head is a Family in JSON, without words
//	              an entry for each series: AppendHead, and words; see Series
//
// [Recover] reads journals, and puts the larger values of a file and of its journals together.
//
// # Who may call what
//
// It is a leaf over the journal. Only aggregate makes and reads these records.
//
// # Memory model
//
// The values are plain data: one goroutine at a time has them. Words of a journal are views into its
// contents.
//
// The most important names are [Family], [Series] and [Recovery].
package saved
