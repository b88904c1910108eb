// The drawing of where every line went: columns for datagrams, lines and samples, and a branch for each fate of a sample.
import type { Ledger } from "./wire.ts";
import { round } from "./spark.ts";

export type Tone = "good" | "warn" | "bad" | "calm";

export interface Fate {
  key: keyof Ledger;
  title: string;
  value: number;
  tone: Tone;
  note: string;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  tone: Tone;
}

export interface Branch extends Fate {
  box: Box;
  path: string;
  textY: number;
}

export interface Flow {
  width: number;
  height: number;
  columns: { title: string; value: number; box: Box }[];
  bands: string[];
  branches: Branch[];
}

/** fates lists what can happen to a sample. Recorded is always there; the others too, because "0 rejected" is worth
 * reading. Drops by rules are shown only when there are any: most configurations have no such rule. */
export function fates(ledger: Ledger, notes: Partial<Record<keyof Ledger, string>> = {}): Fate[] {
  const all: Fate[] = [
    { key: "recorded", title: "Recorded", value: ledger.recorded, tone: "good", note: notes.recorded ?? "" },
    { key: "refused", title: "Refused", value: ledger.refused, tone: "warn", note: notes.refused ?? "" },
    { key: "rejected", title: "Rejected", value: ledger.rejected, tone: "bad", note: notes.rejected ?? "" },
  ];
  if (ledger.dropped > 0) {
    all.push({ key: "dropped", title: "Dropped", value: ledger.dropped, tone: "calm", note: notes.dropped ?? "" });
  }
  return all;
}

const width = 1200;
const columnWidth = 20;
const top = 24;
const band = 100;
const lowest = 5; // a branch that is not empty can be seen
const gap = 18;

/** flow lays out the drawing. Branches share the height of the samples' column by their values; small ones get a height
 * that can be seen, at the cost of the first. */
export function flow(list: Fate[], ledger: Ledger): Flow {
  const xs = [130, 370, 650, 930];
  const columns = [
    { title: "Datagrams", value: ledger.datagrams },
    { title: "Lines", value: ledger.lines },
    { title: "Samples", value: ledger.samples },
  ].map((c, i) => ({ ...c, box: { x: xs[i] ?? 0, y: top, width: columnWidth, height: band, tone: "good" as Tone } }));
  const bands = [0, 1].map((i) => curve(xs[i]! + columnWidth, xs[i + 1]!, top, band, top, band));
  const heights = share(list.map((f) => f.value));
  const branches: Branch[] = [];
  let from = top;
  let to = top;
  list.forEach((fate, i) => {
    const height = heights[i] ?? 0;
    const boxHeight = Math.max(height, 3);
    const box = { x: xs[3]!, y: round(to), width: columnWidth, height: round(boxHeight), tone: fate.tone };
    const path = height > 0 ? curve(xs[2]! + columnWidth, xs[3]!, from, height, to, height) : "";
    branches.push({ ...fate, box, path, textY: round(to + boxHeight / 2) });
    from += height;
    to += Math.max(boxHeight, i === 0 ? 22 : 6) + (i === 0 ? 22 : gap);
  });
  const last = branches.at(-1)?.box;
  return { width, height: round(Math.max((last ? last.y + last.height : 0) + 10, top + band + 32)), columns, bands, branches };
}

/** share cuts the height of a column into parts. */
export function share(values: number[]): number[] {
  const total = values.reduce((sum, v) => sum + Math.max(v, 0), 0);
  if (total <= 0) return values.map(() => 0);
  const heights = values.map((v) => (v > 0 ? Math.max((v / total) * band, lowest) : 0));
  const over = heights.reduce((sum, h) => sum + h, 0) - band;
  const largest = heights.indexOf(Math.max(...heights));
  heights[largest] = (heights[largest] ?? 0) - over;
  return heights.map(round);
}

function curve(x1: number, x2: number, y1: number, h1: number, y2: number, h2: number): string {
  const mid = round((x1 + x2) / 2);
  const [a, b, c, d] = [round(y1), round(y2), round(y2 + h2), round(y1 + h1)];
  return `M${x1} ${a}C${mid} ${a} ${mid} ${b} ${x2} ${b}L${x2} ${c}C${mid} ${c} ${mid} ${d} ${x1} ${d}Z`;
}
