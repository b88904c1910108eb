import assert from "node:assert/strict";
import { test } from "node:test";
import { fates, flow, share } from "../src/flow.ts";
import { merge, total } from "../src/history.ts";
import { areaPath, linePath, pad } from "../src/spark.ts";
import type { Ledger } from "../src/wire.ts";

const ledger: Ledger = {
  datagrams: 2201144, bytes: 1, truncated: 0, kernel_drops: 0, lines: 10922400, samples: 11804102,
  recorded: 11801992, refused: 800, rejected: 1310, dropped: 0, folded: 0, balances: true,
};

test("a line goes from left to right and stays in its box", () => {
  assert.equal(linePath([0, 5, 10], 100, 20), "M0 19L50 10L100 1");
  assert.equal(linePath([0, 0], 100, 20), "M0 19L100 19");
  assert.equal(linePath([4], 100, 20), "M0 1L100 1");
  assert.equal(linePath([5], 100, 20, 10), "M0 10L100 10");
  assert.equal(linePath([], 100, 20), "");
  assert.equal(areaPath([0, 10], 100, 20), "M0 19L100 1L100 20L0 20Z");
  assert.equal(areaPath([], 100, 20), "");
});

test("numbers that are none are zero in a chart", () => {
  const odd = [NaN, -1, Infinity, undefined, null, "<script>"] as unknown as number[];
  assert.equal(linePath(odd, 50, 10), "M0 9L10 9L20 9L30 9L40 9L50 9");
  assert.deepEqual(pad([1, 2], 4), [0, 0, 1, 2]);
  assert.deepEqual(pad([1, 2, 3], 2), [2, 3]);
  assert.deepEqual(pad(null, 2), [0, 0]);
});

test("every fate of a sample is a branch, and small ones can be seen", () => {
  const f = flow(fates(ledger), ledger);
  assert.deepEqual(f.branches.map((b) => [b.key, b.value]), [["recorded", 11801992], ["refused", 800], ["rejected", 1310]]);
  for (const b of f.branches) {
    assert.ok(b.path.startsWith("M"), b.key);
    assert.ok(b.box.height >= 3 && b.box.y + b.box.height <= f.height, b.key);
  }
  const ys = f.branches.map((b) => b.textY);
  for (let i = 1; i < ys.length; i++) assert.ok(ys[i]! - ys[i - 1]! >= 18, "labels overlap");
});

test("drops by rules are drawn when there are any, and nothing when no line came", () => {
  assert.equal(flow(fates({ ...ledger, dropped: 5 }), ledger).branches.at(-1)?.key, "dropped");
  const none = { ...ledger, samples: 0, recorded: 0, refused: 0, rejected: 0 };
  assert.deepEqual(flow(fates(none), none).branches.map((b) => b.path), ["", "", ""]);
});

test("the parts of a column are its height", () => {
  for (const values of [[1], [1, 1], [1e9, 1, 1, 1], [0, 0, 5], [3, 2, 1, 0]]) {
    const sum = share(values).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 100) < 0.1, `${values}: ${sum}`);
    share(values).forEach((h, i) => assert.equal(h > 0, values[i]! > 0));
  }
  assert.deepEqual(share([0, 0]), [0, 0]);
});

test("histories are put together from what is new", () => {
  const first = { step_seconds: 5, seq: 10, points: { lines: [1, 2, 3], cpu: [0, 0, 0] } };
  const next = { step_seconds: 5, seq: 12, points: { lines: [4, 5], cpu: [1, 1] } };
  assert.deepEqual(merge(first, next, true), { step_seconds: 5, seq: 12, points: { lines: [1, 2, 3, 4, 5], cpu: [0, 0, 0, 1, 1] } });
  assert.equal(merge(null, first, false), first);
  assert.equal(merge(first, { step_seconds: 5, seq: 10, points: { lines: [] } }, true), first);
  assert.equal(merge(first, next, false), next, "another process");
  const restarted = { step_seconds: 5, seq: 2, points: { lines: [7, 8] } };
  assert.equal(merge(first, restarted, true), restarted);
  const gap = { step_seconds: 5, seq: 500, points: { lines: [9] } };
  assert.equal(merge(first, gap, true), gap);
  const long = merge({ step_seconds: 5, seq: 120, points: { lines: new Array<number>(120).fill(1) } }, { step_seconds: 5, seq: 121, points: { lines: [2] } }, true);
  assert.deepEqual([long.points.lines?.length, long.points.lines?.at(-1)], [120, 2]);
});

test("rows of points are added from their ends", () => {
  assert.deepEqual(total({ a: [1, 2, 3], b: [10] }, ["a", "b", "none"]), [1, 2, 13]);
  assert.deepEqual(total({}, ["a"]), []);
});
