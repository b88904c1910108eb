// Numbers, sizes and times in words. All of them take null for "not known" and give a dash.

export const unknown = "–";

type Maybe = number | null | undefined;

function known(n: Maybe): n is number {
  return typeof n === "number" && Number.isFinite(n);
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** count writes a whole number: 18204 is 18,204. */
export function count(n: Maybe): string {
  if (!known(n)) return unknown;
  const sign = n < 0 ? "−" : "";
  return sign + group(Math.round(Math.abs(n)).toFixed(0));
}

/** decimals writes a number with at most the given digits behind the point, and without zeros at the end. */
function decimals(n: number, most: number): string {
  const text = n.toFixed(most);
  const [whole, rest] = text.split(".") as [string, string?];
  const tail = rest?.replace(/0+$/, "");
  const sign = whole.startsWith("-") ? "−" : "";
  return sign + group(whole.replace("-", "")) + (tail ? "." + tail : "");
}

/** rate writes how many a second: 9120, 12.5, 0.25. A rate that is not zero never reads as 0. */
export function rate(n: Maybe): string {
  if (!known(n)) return unknown;
  if (n === 0) return "0";
  if (n < 0.01) return "< 0.01";
  return decimals(n, n >= 100 ? 0 : n >= 1 ? 1 : 2);
}

/** percent writes a share of one: 0.0002 is 0.02 %. A share that is not zero never reads as 0 %. */
export function percent(share: Maybe): string {
  if (!known(share)) return unknown;
  const p = share * 100;
  if (p === 0) return "0 %";
  if (p < 0.01) return "< 0.01 %";
  if (p < 100 && p > 99.99) return "> 99.99 %";
  return decimals(p, p >= 10 ? 1 : 2) + " %";
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** bytes writes a size: 32505856 is 31 MiB. */
export function bytes(n: Maybe): string {
  if (!known(n)) return unknown;
  let unit = 0;
  let size = n;
  while (size >= 1023.5 && unit < byteUnits.length - 1) {
    size /= 1024;
    unit++;
  }
  return decimals(size, unit === 0 || size >= 100 ? 0 : size >= 10 ? 0 : 1) + " " + byteUnits[unit];
}

/** seconds writes how long something took: 2.1 ms, 14 s, 3 d 4 h. */
export function seconds(s: Maybe): string {
  if (!known(s)) return unknown;
  if (s < 0) return "−" + seconds(-s);
  if (s === 0) return "0 s";
  if (s < 0.001) return decimals(s * 1e6, 0) + " µs";
  if (s < 0.9995) return decimals(s * 1e3, s < 0.01 ? 1 : 0) + " ms";
  if (s < 10) return decimals(s, 1) + " s";
  const whole = Math.round(s);
  const parts: [number, string, number, string][] = [
    [86400, "d", 3600, "h"],
    [3600, "h", 60, "min"],
    [60, "min", 1, "s"],
  ];
  for (const [big, bigName, small, smallName] of parts) {
    if (whole < big) continue;
    const rest = Math.floor((whole % big) / small);
    return `${Math.floor(whole / big)} ${bigName}` + (rest ? ` ${rest} ${smallName}` : "");
  }
  return whole + " s";
}

/** ago writes how long before now something was. Clocks differ a little, so the future is now. */
export function ago(at: Maybe, now: number): string {
  if (!known(at)) return "never";
  const passed = now - at;
  return passed < 1 ? "now" : seconds(Math.floor(passed)) + " ago";
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

/** clock writes the time of day in the reader's zone, with the date when it was not on the day of now. */
export function clock(at: Maybe, now: number, withSeconds = false): string {
  if (!known(at)) return unknown;
  const d = new Date(at * 1000);
  const today = new Date(now * 1000);
  const time = `${two(d.getHours())}:${two(d.getMinutes())}` + (withSeconds ? `:${two(d.getSeconds())}` : "");
  if (d.toDateString() === today.toDateString()) return time;
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${time}`;
}

/** moment writes an exact time for a title. */
export function moment(at: Maybe): string {
  return known(at) ? new Date(at * 1000).toISOString().replace("T", " ").replace("Z", " UTC") : "";
}

/** plural writes a count and its noun: 1 series, 2 addresses. */
export function plural(n: number, one: string, many = one + "s"): string {
  return count(n) + " " + (n === 1 ? one : many);
}

/** sampled says of which lines rates are made. */
export function sampled(sample: string): string {
  return sample === "every line" ? "count every line" : `are estimates from a sample, ${sample}`;
}

/** mayExplode reports whether a label is worth a rule: one of methods or status codes is not. */
export function mayExplode(values: number, growthPerMinute: Maybe): boolean {
  return values >= 50 || (growthPerMinute ?? 0) >= 10;
}
