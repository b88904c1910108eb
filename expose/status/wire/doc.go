// Package wire has the types of the answers of /api/v1, and of the questions: what encoding/json makes of
// them is the API. It also has the words that parameters allow, and [Text]. So the server (package status),
// the parts of weir that answer (cmd/weir/status, expose/status/explore) and the clients (the page, weir top,
// weir tail) cannot disagree. It stands behind the line "response" of weir's straight line.
//
// Times are seconds since the epoch, with a fraction; 0 or null is never, as the field says. Durations end in
// _seconds, rates in _per_second, sizes in _bytes. Text that a sender can choose may have any character, also
// control characters and characters that change the direction of writing: whoever shows it must mind them.
// Bytes that are not UTF-8 come as \xNN. The field names are a promise: they change with a line in the
// changelog.
//
// # Important names
//
// [Status], [Families], [FamilyDetail], [SeriesList], [Labels], [TSDB], [Rejects], [Tail], [Senders],
// [Listeners], [Scrapers], [Config], [Rules] and [Explained] are answers; [TailQuery], [SendersQuery],
// [RejectsQuery] and [FamiliesQuery] are questions. An [Error] is an answer that says what is wrong.
// [FamilySorts], [LabelSorts], [SenderSorts] and [Formats] are words of parameters.
//
// # Who may call what
//
// It is a leaf. Values belong to whoever made them; nothing here has a lock.
//
// # Memory model
//
// Answers are made for one request and shared with nobody.
package wire
