// The counts of the last ten minutes, put together from answers that hold only what is new.
import type { History, Points } from "./wire.ts";

const most = 120;

/** merge adds an answer to what is there. A history of another process, or one with a gap, replaces it. */
export function merge(old: History | null, fresh: History, isSameProcess: boolean): History {
  const added = longest(fresh.points);
  const isNext = old !== null && isSameProcess && fresh.seq >= old.seq && fresh.step_seconds === old.step_seconds;
  if (!isNext || fresh.seq - old.seq !== added) return fresh;
  if (added === 0) return old;
  const points: Points = {};
  for (const key of new Set([...Object.keys(old.points), ...Object.keys(fresh.points)])) {
    points[key] = [...(old.points[key] ?? []), ...(fresh.points[key] ?? [])].slice(-most);
  }
  return { ...fresh, points };
}

function longest(points: Points): number {
  return Math.max(0, ...Object.values(points).map((p) => p?.length ?? 0));
}

/** total adds several rows of points, step by step. */
export function total(points: Points, keys: string[]): number[] {
  const rows = keys.map((key) => points[key] ?? []);
  const length = Math.max(0, ...rows.map((r) => r.length));
  return Array.from({ length }, (_, i) => rows.reduce((sum, row) => sum + (row[i - (length - row.length)] ?? 0), 0));
}
