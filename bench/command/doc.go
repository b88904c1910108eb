// Package command is how the commands of bench begin and end: demo, load and compare. It is beside weir's
// straight line.
//
//	func main() { command.Main(run) }
//
// [Main] ends the process, so only a function main calls it. [Flags] and [Parse] keep no state.
package command
