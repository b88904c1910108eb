// Text that senders wrote. It may hold anything: control characters, marks that turn the direction of the text, names of
// 8 KiB. What a reader cannot see is written as an escape, so that two texts that look alike are alike.

/** Piece is a run of text; an escape stands for a character that has no shape of its own. */
export interface Piece {
  text: string;
  isEscape: boolean;
}

// Controls, soft hyphen, marks of direction, characters without width, separators of lines, fillers, tags and halves of
// surrogate pairs.
const invisible =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

const short: Record<string, string> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escapeOf(character: string): string {
  const known = short[character];
  if (known) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return "\\x" + code.toString(16).padStart(2, "0");
  if (code < 0x10000) return "\\u" + code.toString(16).padStart(4, "0");
  return "\\u{" + code.toString(16) + "}";
}

/** pieces cuts text into runs that can be shown as they are, and escapes. */
export function pieces(text: string): Piece[] {
  const all: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(invisible)) {
    if (match.index > end) all.push({ text: text.slice(end, match.index), isEscape: false });
    all.push({ text: escapeOf(match[0]), isEscape: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) all.push({ text: text.slice(end), isEscape: false });
  return all;
}

/** visible writes text with escapes for all that cannot be seen: for titles, names for screen readers, tables to copy. */
export function visible(text: string): string {
  return text.replace(invisible, escapeOf);
}

/** shorten cuts text to at most the given number of characters, an ellipsis included; it never cuts a pair in two. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = Math.max(most - 1, 0);
  if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end) + "…";
}

/** utf8Length is how many bytes a character has on the wire. */
function utf8Length(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Marked is a line in three parts, of which the middle one is wrong. */
export interface Marked {
  before: string;
  wrong: string;
  after: string;
}

/** mark finds the byte at offset in a line. With isEscaped, \xNN in the line stands for one byte. The mark covers the byte
 * and what follows up to the next separator, and for an offset at the end a space. */
export function mark(line: string, offset: number, isEscaped = false): Marked {
  let bytes = 0;
  let at = 0;
  while (at < line.length && bytes < offset) {
    const step = nextByte(line, at, isEscaped);
    bytes += step.bytes;
    at += step.chars;
  }
  if (at >= line.length) return { before: line, wrong: "", after: "" };
  let end = at + nextByte(line, at, isEscaped).chars;
  while (end < line.length && !/[:|,\n]/.test(line.charAt(end))) {
    end += nextByte(line, end, isEscaped).chars;
  }
  return { before: line.slice(0, at), wrong: line.slice(at, end), after: line.slice(end) };
}

function nextByte(line: string, at: number, isEscaped: boolean): { bytes: number; chars: number } {
  if (isEscaped && /^\\x[0-9a-f]{2}$/i.test(line.slice(at, at + 4))) return { bytes: 1, chars: 4 };
  const character = String.fromCodePoint(line.codePointAt(at) ?? 0);
  return { bytes: utf8Length(character), chars: character.length };
}

/** quote writes text as one word of a POSIX shell; with bytes that cannot be typed, in the form of bash and zsh. */
export function quote(text: string): string {
  if (visible(text) === text) return "'" + text.replaceAll("'", "'\\''") + "'";
  return "$'" + withinQuotes(text) + "'";
}

/** withinQuotes writes text as it stands within $'...'. */
function withinQuotes(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replace(invisible, shellEscape);
}

function shellEscape(character: string): string {
  const known = short[character];
  if (known) return known;
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (b) => "\\x" + b.toString(16).padStart(2, "0")).join("");
}

/** explainCommand is the command that explains a line; \xNN of an escaped line stays a byte. */
export function explainCommand(line: string, isEscaped = false): string {
  if (isEscaped) {
    const kept = line.split(/(\\x[0-9a-fA-F]{2})/);
    const inner = kept.map((part, i) => (i % 2 ? part : withinQuotes(part)));
    return "weir explain $'" + inner.join("") + "'";
  }
  return "weir explain " + quote(line);
}

/** tsv writes rows for a spreadsheet: a cell that begins like a formula is not one there. */
export function tsv(rows: (string | number | null | undefined)[][]): string {
  const cell = (value: string | number | null | undefined) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = visible(value);
    return /^[=+\-@]/.test(text) ? "'" + text : text;
  };
  return rows.map((row) => row.map(cell).join("\t")).join("\n") + "\n";
}

/** isMatch reports whether text matches a glob (with * or ?), or has the pattern as a part when it is no glob. */
export function isMatch(pattern: string, text: string): boolean {
  const p = pattern.trim().toLowerCase();
  const t = text.toLowerCase();
  if (!/[*?]/.test(p)) return t.includes(p);
  const source = p.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp("^" + source + "$", "s").test(t);
}
