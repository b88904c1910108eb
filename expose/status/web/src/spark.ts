// The lines of charts. Only numbers become parts of a path.

/** linePath draws values from left to right in a box; the largest value (or top) is at its upper edge. */
export function linePath(values: readonly number[], width: number, height: number, top?: number): string {
  const highest = Math.max(top ?? 0, ...values.map(clean));
  if (values.length === 0) return "";
  const inset = 1; // half of the stroke
  const stepX = values.length > 1 ? width / (values.length - 1) : width;
  const y = (v: number) => {
    const share = highest > 0 ? clean(v) / highest : 0;
    return round(height - inset - share * (height - 2 * inset));
  };
  const points = values.map((v, i) => `${round(i * stepX)} ${y(v)}`);
  if (points.length === 1) points.push(`${round(width)} ${y(values[0] ?? 0)}`);
  return "M" + points.join("L");
}

/** areaPath is linePath, closed along the lower edge. */
export function areaPath(values: readonly number[], width: number, height: number, top?: number): string {
  const line = linePath(values, width, height, top);
  return line && `${line}L${round(width)} ${height}L0 ${height}Z`;
}

/** pad puts zeros in front, so that a young history starts at the right edge and grows to the left. */
export function pad(values: readonly number[] | null | undefined, length: number): number[] {
  const have = (values ?? []).slice(-length).map(clean);
  return [...new Array<number>(Math.max(length - have.length, 0)).fill(0), ...have];
}

function clean(v: number | null | undefined): number {
  return typeof v === "number" && Number.isFinite(v) && v > 0 ? v : 0;
}

export function round(n: number): number {
  return Math.round(n * 100) / 100;
}
