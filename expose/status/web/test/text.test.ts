import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { explainCommand, isMatch, mark, pieces, quote, shorten, tsv, visible } from "../src/text.ts";

test("characters without a shape are escapes", () => {
  for (const [text, want] of [
    ["plain größe 値 🙂", "plain größe 値 🙂"],
    ["\x1b[31m\x00\x7f", "\\x1b[31m\\x00\\x7f"],
    ["a\tb\nc\rd", "a\\tb\\nc\\rd"],
    ["\u202egnp.exe\u2066\u200f\u061c", "\\u202egnp.exe\\u2066\\u200f\\u061c"],
    ["zero\u200bwidth\ufeff\u00ad\u3164", "zero\\u200bwidth\\ufeff\\u00ad\\u3164"],
    ["\u0085\u2028\u2029", "\\u0085\\u2028\\u2029"],
    ["half \ud800 and \udc00", "half \\ud800 and \\udc00"],
    ["tag \u{e0041}", "tag \\u{e0041}"],
    ["<img onerror>", "<img onerror>"],
  ] as const) {
    assert.equal(visible(text), want);
    assert.equal(pieces(text).map((p) => p.text).join(""), want);
  }
  assert.deepEqual(pieces("a\u202eb"), [{ text: "a", isEscape: false }, { text: "\\u202e", isEscape: true }, { text: "b", isEscape: false }]);
  assert.equal(visible("\u202e".repeat(8192)).includes("\u202e"), false);
});

test("long texts are cut, pairs are not", () => {
  assert.equal(shorten("abcdef", 6), "abcdef");
  assert.equal(shorten("abcdefg", 6), "abcde…");
  assert.equal(shorten("abc🙂🙂", 5), "abc…");
  assert.equal(shorten("x".repeat(8192), 80).length, 80);
});

test("the mark is at the byte, up to the next separator", () => {
  assert.deepEqual(mark("queue.depth:1|c|#queue:mail", 14), { before: "queue.depth:1|", wrong: "c", after: "|#queue:mail" });
  assert.deepEqual(mark("queue.depth:1|c", 13), { before: "queue.depth:1", wrong: "|c", after: "" });
  assert.deepEqual(mark("größe:x|c", 8), { before: "größe:", wrong: "x", after: "|c" });
  assert.deepEqual(mark("🙂:x|c", 5), { before: "🙂:", wrong: "x", after: "|c" });
  assert.deepEqual(mark("a\\xff:1|c", 1, true), { before: "a", wrong: "\\xff", after: ":1|c" });
  assert.deepEqual(mark("a\\xff:x|c", 3, true), { before: "a\\xff:", wrong: "x", after: "|c" });
  assert.deepEqual(mark("abc", 9), { before: "abc", wrong: "", after: "" });
  assert.deepEqual(mark("", 0), { before: "", wrong: "", after: "" });
});

test("a shell reads back what was quoted", () => {
  for (const text of ["plain", "it's", "$(id) `id` \\ \"", "a\nb\tc", "\x1b[31m", "\u202e", "'\n'\\", "a b|c&d;#"]) {
    const out = execFileSync("bash", ["--norc", "-c", `printf %s ${quote(text)}`], { env: { LC_ALL: "C.UTF-8", PATH: process.env.PATH } });
    assert.equal(out.toString(), text);
  }
  assert.equal(explainCommand("a:1|c"), "weir explain 'a:1|c'");
  const raw = execFileSync("bash", ["--norc", "-c", explainCommand("it's\\xff:1|c", true).replace("weir explain", "printf %s")]);
  assert.deepEqual([...raw], [...Buffer.from("it's"), 0xff, ...Buffer.from(":1|c")]);
});

// A sender chooses the line, and somebody pastes the command into a shell.
test("no line ends its quotes in the command that explains it", () => {
  const parts = ["\\", "'", "\\'", "\\\\", "$(echo ran)", "; echo ran #", "`", "\"", "\x1b", "\\xff", "\\xzz", "é"];
  for (const first of parts) for (const second of parts) {
    const line = first + second;
    for (const isEscaped of [false, true]) {
      const command = explainCommand(line, isEscaped).replace("weir explain", "set --") + "; printf '%s %s' $# \"$1\"";
      const out = execFileSync("bash", ["--norc", "-c", command], { env: { LC_ALL: "C.UTF-8", PATH: process.env.PATH } });
      const bytes = line.split(/(\\x[0-9a-f]{2})/).map((part, i) => isEscaped && i % 2 ? Buffer.from([0xff]) : Buffer.from(part));
      assert.deepEqual([...out], [...Buffer.from("1 "), ...Buffer.concat(bytes)], line);
    }
  }
});

test("tables to copy keep their cells, and no cell is a formula", () => {
  assert.equal(tsv([["Metric", "Series"], ["a\tb\nc", 3], ["=1+1", null]]), "Metric\tSeries\na\\tb\\nc\t3\n'=1+1\t\n");
});

test("a part or a glob finds names", () => {
  for (const [pattern, text, want] of [
    ["out", "checkout_requests", true], ["OUT", "checkout", true], ["check*time", "checkout_time", true], ["check*", "xcheck", false],
    ["?b", "ab", true], ["?b", "aab", false], ["a.b*", "axb", false], ["(", "a(b", true], ["", "a", true], ["*\n*", "a\nb", true],
  ] as const) {
    assert.equal(isMatch(pattern, text), want, `${pattern} ${text}`);
  }
});
