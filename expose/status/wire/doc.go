// Package wire has the types of the answers of /api/v1, and of the questions: what encoding/json makes of
// them is the API. It has no code but their documentation, so that the server (package status), the parts of
// weir that answer (cmd/weir/status) and the clients (weir top, weir tail) cannot disagree.
//
// Times are seconds since the epoch, with a fraction; 0 or null is never, as the field says. Durations end in
// _seconds, rates in _per_second, sizes in _bytes. Text that a sender can choose may have any character, also
// control characters and those that change the direction of writing: whoever shows it must mind them. Bytes
// that are not UTF-8 come as \xNN.
//
// # Important names
//
// [Tail], [Senders] and [Rejects] are answers, [TailQuery], [SendersQuery] and [RejectsQuery] the questions.
// An [Error] is an answer that says what is wrong.
//
// # Who may call what
//
// Values belong to whoever made them; nothing here has a lock.
package wire
