// Package command is how the commands of bench begin and end: demo, load and compare. It is beside weir's
// straight line.
//
//	func main() { command.Main(run) }
//
//	func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
//		return command.Code("name", stderr, func() error {
//			flags := command.Flags("name", stderr)
//			rate := flags.Int("rate", 1000, "lines a second")
//			if err := command.Parse(flags, args); err != nil {
//				return err
//			}
//			return send(ctx, stdout, *rate)
//		})
//	}
//
// # Who may call what
//
// [Main] ends the process, so only a function main calls it. Any goroutine may call the other functions.
//
// # Memory model
//
// Nothing is kept between calls.
package command
