import type { TailLine } from "./wire.ts";

const most = 500;

/** keep puts fresh lines, which come oldest first, on top of the shown lines, and lets go of the oldest. */
export function keep(shown: TailLine[], fresh: TailLine[]): TailLine[] {
  if (fresh.length === 0) return shown;
  const numbers = new Set(fresh.map((l) => l.seq));
  return [...[...fresh].reverse(), ...shown.filter((l) => !numbers.has(l.seq))].slice(0, most);
}
