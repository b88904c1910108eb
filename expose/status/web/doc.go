// Package web is the page of weir: what a browser gets from the route "/", beside the line "response"
// of weir's straight line.
//
//	Page.Append   the document: a summary that is useful without JavaScript, or a shell without data
//	Page.Asset    the script and the style sheet, under names that change with their content
//	Policy        the content security policy of every answer
//
// The script is a program of its own: src has its TypeScript, dist the bundle that is embedded. It
// asks /api/v1 for everything that it shows, with addresses that are relative to the page, so that the
// page works below any path of a proxy. make web builds the bundle, make web-check compares it with
// the sources byte for byte.
//
// # Hostile text
//
// Senders choose the names, tags and values that the page shows. Every text of a [Summary] is escaped
// here, and characters that cannot be seen, or that turn the direction of the text, are written as
// escapes such as \u202e. The script puts text into the document as text, never as markup, and does
// the same.
//
// # Who may call what
//
// Any goroutine may use a [Page]. The page itself knows nothing of who may see it: without a Summary,
// [Page.Append] writes no data at all.
//
// # Memory model
//
// A Page does not change after [New]; an [Asset] is compressed once, when it is first asked for. A Summary
// belongs to its caller.
//
// The most important names: [Page], [New], [Summary], [Asset], [Policy].
package web
