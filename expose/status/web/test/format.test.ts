import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, clock, count, mayExplode, moment, percent, plural, rate, sampled, seconds, unknown } from "../src/format.ts";

test("counts have commas", () => {
  for (const [n, want] of [[0, "0"], [999, "999"], [1000, "1,000"], [18204, "18,204"], [1e9, "1,000,000,000"], [-1234, "−1,234"], [2 ** 53, "9,007,199,254,740,992"]] as const) {
    assert.equal(count(n), want);
  }
});

test("a rate that is not zero never reads as zero", () => {
  for (const [n, want] of [[0, "0"], [0.001, "< 0.01"], [0.25, "0.25"], [1.04, "1"], [12.5, "12.5"], [9120.4, "9,120"], [99.99, "100"]] as const) {
    assert.equal(rate(n), want);
  }
});

test("shares are percents, and nearly all is not all", () => {
  for (const [n, want] of [[0, "0 %"], [0.0002, "0.02 %"], [0.00001, "< 0.01 %"], [0.93, "93 %"], [1, "100 %"], [0.99999, "> 99.99 %"], [0.006, "0.6 %"], [1.5, "150 %"]] as const) {
    assert.equal(percent(n), want);
  }
});

test("sizes have binary units", () => {
  for (const [n, want] of [[0, "0 B"], [1023, "1,023 B"], [1024, "1 KiB"], [1536, "1.5 KiB"], [31 << 20, "31 MiB"], [64 << 20, "64 MiB"], [5 * 2 ** 30, "5 GiB"], [1024 * 1024 - 1, "1 MiB"]] as const) {
    assert.equal(bytes(n), want);
  }
});

test("durations have the unit that fits", () => {
  for (const [n, want] of [[0, "0 s"], [0.0000021, "2 µs"], [0.0021, "2.1 ms"], [0.25, "250 ms"], [0.9999, "1 s"], [1.5, "1.5 s"], [14, "14 s"], [59.6, "1 min"], [90, "1 min 30 s"], [3600, "1 h"], [273600, "3 d 4 h"], [-2, "−2 s"]] as const) {
    assert.equal(seconds(n), want);
  }
});

test("ages and times", () => {
  assert.equal(ago(100, 106.7), "6 s ago");
  assert.equal(ago(100, 99), "now");
  assert.equal(ago(null, 99), "never");
  const noon = new Date(2026, 10, 25, 12, 41, 3).getTime() / 1000;
  assert.equal(clock(noon, noon + 60), "12:41");
  assert.equal(clock(noon, noon + 60, true), "12:41:03");
  assert.equal(clock(noon, noon + 86400), "2026-11-25 12:41");
  assert.equal(moment(0), "1970-01-01 00:00:00.000 UTC");
});

test("what is not known is a dash", () => {
  for (const f of [count, rate, percent, bytes, seconds]) {
    for (const n of [null, undefined, NaN, Infinity]) assert.equal(f(n), unknown);
  }
  assert.equal(plural(1, "family", "families"), "1 family");
  assert.equal(plural(62, "family", "families"), "62 families");
});

test("rates say of which lines they are made", () => {
  assert.equal(sampled("every line"), "count every line");
  assert.equal(sampled("1 in 250 lines"), "are estimates from a sample, 1 in 250 lines");
});

test("only a label that has or gets many values is worth a rule", () => {
  assert.equal(mayExplode(4, null), false);
  assert.equal(mayExplode(50, 0), true);
  assert.equal(mayExplode(4, 12), true);
});
