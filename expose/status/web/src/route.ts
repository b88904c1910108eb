// The address of what is shown: #/metrics/NAME?sort=rate. Every section keeps its state there, so that a link shows the
// same again.

export interface Route {
  section: string;
  item: string; // the name behind the section; empty for none
  params: Record<string, string>;
}

export interface Section {
  id: string;
  title: string;
  key: string; // behind g
}

export const sections: Section[] = [
  { id: "overview", title: "Overview", key: "o" },
  { id: "metrics", title: "Metrics", key: "m" },
  { id: "labels", title: "Labels", key: "l" },
  { id: "rejects", title: "Rejects", key: "r" },
  { id: "tail", title: "Live lines", key: "t" },
  { id: "test", title: "Test a line", key: "e" },
  { id: "senders", title: "Senders", key: "s" },
  { id: "listeners", title: "Ways in", key: "i" },
  { id: "scrapers", title: "Ways out", key: "w" },
  { id: "rules", title: "Rules", key: "u" },
  { id: "config", title: "Configuration", key: "c" },
];

/** parseRoute reads the part of an address behind #; an unknown section is the overview. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = splitOnce(hash.replace(/^#\/?/, ""), "?");
  const [section = "", item = ""] = splitOnce(path, "/");
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, value] of new URLSearchParams(query)) params[key] = value;
  if (!sections.some((s) => s.id === section)) return { section: "overview", item: "", params: {} };
  return { section, item: decode(item), params };
}

/** href writes an address; parameters that are empty are left out. */
export function href(section: string, params: Record<string, string | undefined> = {}, item = ""): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value) query.set(key, value);
  }
  const tail = query.toString();
  return `#/${section}` + (item ? "/" + encodeURIComponent(wellFormed(item)) : "") + (tail ? "?" + tail : "");
}

/** wellFormed replaces halves of surrogate pairs, which no address can hold. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
