// Answers of a weir that never was, for the tests in a browser: typed as the page expects them, with texts that a hostile
// sender would choose.
import type { Config, ExplainLine, Families, Family, FamilyDetail, Label, Listener, Reject, Rejects, Rule, Scraper, Senders, Series, Status, TailLine } from "../src/wire.ts";

export const hostile = '<img src=x onerror="document.title=\'owned\'">';
export const bidi = "user\u202egnp.exe\u2066";
export const control = "bell\x07esc\x1b[31m\ttab";
export const huge = "very.long." + "name_".repeat(1630); // 8 KiB

export const at = 1795588863; // 2026-11-25 06:41:03 UTC

const wave = (base: number, swing: number, seed: number) =>
  Array.from({ length: 120 }, (_, i) => Math.max(0, Math.round((base + swing * Math.sin(i / 9 + seed) + swing * 0.4 * Math.sin(i / 3 + seed * 7)) * 100) / 100));

export function status(seq: number, startedAt: number, since?: number): Status {
  const ten = {
    datagrams: 2201144, bytes: 1202331122, truncated: 0, kernel_drops: 0, lines: 10922400, samples: 11804102,
    recorded: 11801992, refused: 800, rejected: 1310, dropped: 0, folded: 0, balances: true, seconds: 600,
  };
  const isPart = since !== undefined && since <= seq && seq - since < 120;
  const cut = (points: number[]) => (isPart ? points.slice(points.length - (seq - since)) : points);
  const spiky = wave(0, 0, 0).map((_, i) => (i === 80 || i === 81 ? 14 : i === 108 ? 22 : i % 7 === 0 ? 2 : 1));
  return {
    now: startedAt + 273600 + (seq - 200) * 5, instance: "checkout-7f9", version: "1.0.0", revision: "7ba20c7", go_version: "go1.26.4", pid: 1,
    started_at: startedAt, uptime_seconds: 273600 + (seq - 200) * 5,
    health: {
      level: "look", text: "18,204 lines/s, none lost uncounted · 2 things need a look",
      notes: [
        { level: "look", kind: "limit", title: "limit reached", text: "checkout_requests has 1,000 series. The label user_id has 41,300 values and grows by 12 a second.", family: "checkout_requests", label: "user_id", fix: "max_label_values: {user_id: 100}", fix_kind: "config", section: "labels" },
        { level: "bad", kind: "rejects", title: "1,310 rejected", text: "queue_depth is a gauge, but a counter was sent by worker (pid 4411).", reason: "type_conflict", family: "queue_depth", fix: "Send |g, or give the counter another name.", fix_kind: "text", section: "rejects" },
      ],
    },
    ready: true, reload: { ok: true, at: startedAt + 100, error: "" }, last_scrape: { at: startedAt + 273594 + (seq - 200) * 5, peer: "10.0.4.17", format: "text" },
    ledger: { ...ten, datagrams: 902201144, lines: 4310922400, samples: 4411804102, recorded: 4411780102, refused: 12000, rejected: 12000, dropped: 0 },
    ten_minutes: ten,
    rates: { datagrams: 3669, lines: 18204, samples: 19673, recorded: 19669, refused: 1, rejected: 3, dropped: 0, kernel_drops: 0 },
    peak: { lines_per_second: 41900, at: startedAt + 270000 },
    history: {
      step_seconds: 5, seq,
      points: {
        lines: cut(wave(17000, 6000, 1)), recorded: cut(wave(18000, 6000, 1)), refused: cut(spiky), rejected: cut(spiky), dropped: cut(wave(0, 0, 0)),
        kernel_drops: cut(wave(0, 0, 0)), datagrams: cut(wave(3600, 900, 1)), cpu: cut(wave(0.006, 0.001, 3)), rss_bytes: cut(wave(32e6, 1e5, 2)), series: cut(wave(4700, 100, 2)),
      },
    },
    series: { now: 4812, limit: 100000, families: 62, refused_series: 41 },
    cost: { cpu: 0.006, rss_bytes: 31 << 20, memory_limit_bytes: 64 << 20, scrape_seconds: 0.0021, pages_reused: 0.93 },
    senders_since: startedAt + 273000, endpoint: { path: "/metrics", api_scope: "loopback" }, lifecycle: false,
  };
}

const php = { name: "php-fpm", pid: 812, address: "", samples_per_second: 2280 };

function family(name: string, kind: string, rate: number | null, series: number, more: Partial<Family> = {}): Family {
  const seed = name.length;
  return {
    name, kind, type: kind === "set" ? "gauge" : kind, help: "", series, samples_per_second: rate, share: rate === null ? null : rate / 19673,
    last_seen_at: at + 273599, created_at: at, exposed_bytes: series * (kind === "histogram" ? 940 : 71), new_per_minute: 0,
    history: rate === null ? undefined : wave(rate, rate * 0.3, seed), senders: rate === null ? [] : [php, { ...php, pid: 813 }, { ...php, pid: 814 }, { ...php, pid: 815 }],
    senders_more: 0, rule: null, names: [name.replaceAll("_", ".")], limit: 1000, refused: 0, ...more,
  };
}

const worker = { name: "worker", pid: 4411, address: "", samples_per_second: 602 };

const known: Family[] = [
  family("checkout_requests", "counter", 9120, 1000, { new_per_minute: 720, refused: 800, help: "Requests of the checkout, by user.", rule: { file: "mapping.yml", line: 12, match: "checkout.*" } }),
  family("checkout_request_time", "histogram", 4510, 240),
  family("queue_depth", "gauge", 1204, 18, { senders: [worker, { ...worker, pid: 4412 }] }),
  family("users_active", "set", 880, 1),
  family("cart_items", "histogram", 640.5, 60),
  family("login_failures", "counter", 12.25, 8, { senders: [{ name: "", address: "10.0.3.4", samples_per_second: 12.25 }] }),
  family(hostile, "counter", 2, 3, { help: hostile, names: [hostile], senders: [{ name: hostile, samples_per_second: 2 }] }),
  family(bidi, "counter", 1, 1, { names: [bidi, control] }),
  family(huge, "gauge", 0.004, 1, { senders: [] }),
  family(control, "gauge", null, 1),
];

const kinds = ["counter", "gauge", "histogram"];

export function families(count: number): Family[] {
  const many = Array.from({ length: Math.max(0, count - known.length) }, (_, i) => {
    const n = String(i).padStart(6, "0");
    return family(`service_${n.slice(0, 3)}_operation_${n}`, kinds[i % 3]!, null, 1 + (i % 9), { senders: [] });
  });
  return [...known, ...many];
}

export function page(all: Family[], q: URLSearchParams): Families {
  const match = (q.get("match") ?? "").toLowerCase();
  const re = /[*?]/.test(match) ? new RegExp("^" + match.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".") + "$") : null;
  const hits = all.filter((f) => (re ? re.test(f.name.toLowerCase()) : f.name.toLowerCase().includes(match)) && (!q.get("type") || f.type === q.get("type")));
  const by = q.get("sort") ?? "rate";
  if (by === "name") hits.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (by === "series") hits.sort((a, b) => b.series - a.series);
  const from = Number(q.get("after") ?? 0);
  const limit = Number(q.get("limit") ?? 50);
  return { families: hits.slice(from, from + limit), total: hits.length, next: from + limit < hits.length ? String(from + limit) : "", estimated: true, sample: "1 in 4" };
}

export function detail(f: Family, q: URLSearchParams): FamilyDetail {
  const from = Number(q.get("after") ?? 0);
  const limit = Number(q.get("limit") ?? 100);
  const one = (i: number): Series => {
    const labels: Record<string, string> = { method: ["get", "post", "put"][i % 3]!, user_id: i === 1 ? hostile : i === 2 ? bidi : i === 3 ? huge : `u${1000 + i}` };
    const series = `${f.name}{${Object.entries(labels).map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(",")}}`;
    const isHistogram = f.type === "histogram";
    return { labels, series, value: isHistogram ? null : String(1200 + i * 17), count: isHistogram ? 4100 + i : null, sum: isHistogram ? "12.25" : null, last_seen_at: at + 273600 - (i % 9), created_at: at + i, samples_per_second: i % 4 ? 9.1 / (i % 4) : null, showing_zero: i === 5 };
  };
  const series = Array.from({ length: Math.max(0, Math.min(limit, f.series - from)) }, (_, i) => one(from + i));
  return {
    family: f, series, next: from + limit < f.series ? String(from + limit) : "",
    exposed: `# HELP ${f.name} ${f.help}\n# TYPE ${f.name} ${f.type}\n` + series.slice(0, 40).map((s) => `${s.series} ${s.value ?? s.count}\n`).join("") + (q.get("format") === "openmetrics" ? "# EOF\n" : ""),
    exposed_truncated: false,
    why: [`sent as ${f.names?.[0] ?? f.name}`, f.rule ? `rule ${f.rule.file}:${f.rule.line} ${f.rule.match} matched: name ${f.name}` : "no rule matches", "the tag user_id is a label"],
    promql: [{ title: "per second", query: `sum(rate(${f.name}[5m]))` }, { title: "per second, by method", query: `sum by (method) (rate(${f.name}[5m]))` }],
  };
}

export const labels: Label[] = [
  { name: "user_id", values: 41300, families: [{ name: "checkout_requests", values: 41300, series: 1000 }, { name: "login_failures", values: 8, series: 8 }], families_total: 3, growth_per_minute: 720, growth_since: at, newest: ["u1", hostile, bidi, huge, "u5", "u6", "u7"], limit: { kind: "max_series_per_metric", most: 1000, used: 1000 }, fix: "max_label_values: {user_id: 100}" },
  { name: "path", values: 212, families: [{ name: "checkout_request_time", values: 212, series: 240 }], families_total: 1, growth_per_minute: 0.4, growth_since: at, newest: ["/cart/8812", "/cart/8811"], limit: { kind: "max_series_per_metric", most: 1000, used: 240 }, fix: "max_label_values: {path: 100}" },
  { name: "method", values: 4, families: [{ name: "checkout_requests", values: 4, series: 1000 }], families_total: 12, growth_per_minute: 0, growth_since: at, newest: ["patch"], limit: null, fix: "" },
  { name: hostile, values: 1, families: [], families_total: 0, growth_per_minute: null, newest: [], limit: null },
];

export const rejectList: Reject[] = [
  { seq: 12, at: at + 273598, reason: "type_conflict", offset: 14, line: "queue.depth:1|c|#queue:mail", listener: "udp://127.0.0.1:9125", sender: "127.0.0.1:4000", program: "worker", pid: 4411, detail: "queue_depth is a gauge; a counter was sent", advice: "Send |g, or give the counter another name.", is_new: false },
  { seq: 11, at: at + 273590, reason: "bad_value", offset: 5, line: "cart:" + hostile + "|c", listener: "udp://127.0.0.1:9125", sender: "10.0.3.4:41230", detail: "the value is no number", advice: "Send a number: 12, 0.5, 1e3.", is_new: true },
  { seq: 10, at: at + 273500, reason: "malformed_line", offset: 0, line: "GET / HTTP/1.1", listener: "tcp://127.0.0.1:9125", sender: "10.0.9.9:50122", detail: "", advice: "Send StatsD lines to this port; scrape the other one.", foreign: "this looks like HTTP" },
  { seq: 9, at: at + 273400, reason: "bad_value", offset: 7, line: "a\\xff" + bidi + ":x|c", line_escaped: true, sender: "10.0.3.4:41230", listener: "udp://127.0.0.1:9125", detail: "the value is no number", advice: "Send a number: 12, 0.5, 1e3." },
];

export function rejects(q: URLSearchParams): Rejects {
  const of = (reason: string) => rejectList.find((r) => r.reason === reason) ?? null;
  const list = rejectList.filter((r) => !q.get("reason") || r.reason === q.get("reason"));
  return {
    reasons: [
      { reason: "type_conflict", samples: 1310, per_second: 3, ten_minutes: 1290, advice: "Send |g, or give the counter another name.", newest: of("type_conflict") },
      { reason: "bad_value", samples: 41, per_second: 0.02, ten_minutes: 12, advice: "Send a number: 12, 0.5, 1e3.", newest: of("bad_value") },
      { reason: "malformed_line", samples: 3, per_second: 0, ten_minutes: 0, advice: "Send StatsD lines to this port; scrape the other one.", newest: of("malformed_line") },
    ],
    rejects: list.slice(0, Number(q.get("limit") ?? 50)), since: 12,
  };
}

export function tail(since: number, q: URLSearchParams): { lines: TailLine[]; since: number; skipped: number; seen: number } {
  const lines: TailLine[] = [];
  const texts = ["checkout.requests:1|c|#user_id:u1042,method:get", "checkout.request_time:12.5|ms|#path:/cart", "queue.depth:7|g|#queue:mail", "queue.depth:1|c|#queue:mail", `x:1|c|#a:${hostile}`, `${bidi}:1|c`, `${control}:1|g`];
  for (let i = 1; i <= 8; i++) {
    const n = since + i;
    const line = texts[n % texts.length]!;
    if (q.get("match") && !line.includes(q.get("match")!)) continue;
    const isRejected = line === texts[3];
    if (q.get("rejected") && !isRejected) continue;
    lines.push({ seq: n, at: at + 273600 + n / 10, line, listener: "udp://127.0.0.1:9125", sender: "127.0.0.1:4000", program: isRejected ? "worker" : "php-fpm", pid: isRejected ? 4411 : 812, reason: isRejected ? "type_conflict" : "", offset: isRejected ? 14 : 0 });
  }
  return { lines, since: since + 8, skipped: 31, seen: 420 };
}

export const senders: Senders = {
  since: at + 273000, total: 5, others: 0,
  senders: [
    { sender: "pid 812", program: "php-fpm", pid: 812, transport: "unixgram", addresses: 1, lines: 9122001, lines_per_second: 13630, samples: 9900001, rejected: 0, refused: 800, series_created: 4100, last_seen_at: at + 273600, reject_reasons: {} },
    { sender: "pid 4411", program: "worker", pid: 4411, transport: "unixgram", addresses: 1, lines: 712001, lines_per_second: 1204, samples: 712001, rejected: 1310, refused: 0, series_created: 18, last_seen_at: at + 273599, reject_reasons: { type_conflict: 1310 } },
    { sender: "10.0.3.4", transport: "udp", addresses: 3, lines: 8122, lines_per_second: 12.25, samples: 8122, rejected: 41, refused: 0, series_created: 8, last_seen_at: at + 273598, reject_reasons: { bad_value: 41 } },
    { sender: "10.0.9.9", transport: "tcp", addresses: 1, lines: 3, lines_per_second: 0, samples: 3, rejected: 3, refused: 0, series_created: 0, last_seen_at: at + 273500, reject_reasons: { malformed_line: 3 } },
    { sender: "pid 5", program: hostile, pid: 5, transport: "unix", addresses: 1, lines: 1, lines_per_second: null, samples: 1, rejected: 0, refused: 0, series_created: 1, last_seen_at: at, reject_reasons: null },
  ],
};

export const listeners: Listener[] = [
  { listener: "udp://127.0.0.1:9125", transport: "udp", sockets: 2, datagrams: 902201144, bytes: 481202331122, lines: 4310000000, lines_per_second: 3370, connections: 0, max_connections: 0, queued_bytes: 18432, buffer_bytes: 425984, buffer_asked_bytes: 16 << 20, kernel_drops: 212, truncated: 0, rejected: 41, advice: "sysctl -w net.core.rmem_max=16777216" },
  { listener: "tcp://127.0.0.1:9125", transport: "tcp", sockets: 1, datagrams: 0, bytes: 81220, lines: 3, lines_per_second: 0, connections: 1, max_connections: 1024, queued_bytes: 0, buffer_bytes: 0, buffer_asked_bytes: 0, kernel_drops: 0, truncated: 0, rejected: 3, advice: "" },
  { listener: "unixgram:///run/weir/statsd.sock", transport: "unixgram", sockets: 1, datagrams: 9122001, bytes: 901122001, lines: 9834002, lines_per_second: 14834, connections: 0, max_connections: 0, queued_bytes: 4096, buffer_bytes: 16 << 20, buffer_asked_bytes: 16 << 20, kernel_drops: 0, truncated: 0, rejected: 1310, advice: "" },
];

export const scrapers: Scraper[] = [
  { peer: "10.0.4.17", user_agent: "Prometheus/2.42.0", name: "prometheus", format: "text", encoding: "gzip", scrapes: 18240, last_at: at + 273594, interval_seconds: 15, duration_seconds: 0.0021, bytes: 912330, body_bytes: 81220, pages: 28, pages_reused: 26, late: 0, aborted: 0 },
  { peer: "10.0.4.18", user_agent: "Prometheus/3.16.0", name: "", format: "protobuf", encoding: "gzip", scrapes: 41, last_at: at + 273588, interval_seconds: 30.2, duration_seconds: 0.0044, bytes: 512330, body_bytes: 61220, pages: 28, pages_reused: 20, late: 2, aborted: 1 },
  { peer: "127.0.0.1", user_agent: hostile, name: "", format: "openmetrics", encoding: "identity", scrapes: 1, last_at: at + 270000, interval_seconds: null, duration_seconds: 0.01, bytes: 912330, body_bytes: 912330, pages: 28, pages_reused: 0, late: 0, aborted: 0 },
];

export const config: Config = {
  settings: [
    { key: "authentication.tokens_file", value: "/etc/weir/tokens", default: "", is_default: false, source: "file", place: "weir.yaml:31", secret: false },
    { key: "cache.ttl", value: "1s", default: "1s", is_default: true, source: "default", place: "", secret: false },
    { key: "cardinality.max_series_per_metric", value: "1000", default: "10000", is_default: false, source: "file", place: "weir.yaml:12", secret: false },
    { key: "cardinality.max_total_series", value: "100000", default: "1000000", is_default: false, source: "environment", place: "WEIR__CARDINALITY__MAX_TOTAL_SERIES", secret: false },
    { key: "endpoint.listen", value: ":9102", default: ":9102", is_default: true, source: "default", place: "", secret: false },
    { key: "ingest.udp", value: "[127.0.0.1:9125]", default: "[127.0.0.1:9125]", is_default: true, source: "default", place: "", secret: false },
    { key: "ingest.unixgram", value: "/run/weir/statsd.sock", default: "", is_default: false, source: "flag", place: "--ingest.unixgram", secret: false },
    { key: "mapping.file", value: "mapping.yml", default: "", is_default: false, source: "file", place: "weir.yaml:22", secret: false },
    { key: "authentication.jwt.secret", value: "", default: "", is_default: false, source: "file", place: "weir.yaml:34", secret: true },
    { key: "timers.buckets", value: "[0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10]", default: "[0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10]", is_default: true, source: "default", place: "", secret: false },
  ],
  files: [{ path: "/etc/weir/weir.yaml", changed: true, error: "" }, { path: "/etc/weir/mapping.yml", changed: false, error: "" }],
  changed_on_disk: true, notes: ["endpoint.listen :9102 answers on all interfaces without TLS"],
};

export const rules: { rules: Rule[]; unmapped: { name: string; family: string; series: number }[]; unmapped_total: number; total: number; since: number } = {
  rules: [
    { file: "/etc/weir/mapping.yml", line: 2, match: "debug.*", match_type: "glob", action: "drop", name: "", hits: 12, last_hit_at: at + 270000, samples_per_second: null },
    { file: "/etc/weir/mapping.yml", line: 12, match: "checkout.*", match_type: "glob", action: "map", name: "checkout_$1", hits: 1240, last_hit_at: at + 273599, samples_per_second: 13630 },
    { file: "/etc/weir/mapping.yml", line: 18, match: "^legacy\\.(.+)$", match_type: "regex", action: "map", name: "legacy_$1", hits: 0, last_hit_at: null, samples_per_second: null },
  ],
  unmapped: [{ name: "queue.depth", family: "queue_depth", series: 18 }, { name: "users.active", family: "users_active", series: 1 }, { name: hostile, family: hostile, series: 3 }, { name: bidi, family: bidi, series: 1 }],
  unmapped_total: 60, total: 3, since: at,
};

export function explain(text: string): ExplainLine[] {
  return text.split("\n").filter(Boolean).map((line) => {
    const [, name = "", value = "", kind = ""] = /^([^:]*):([^|]*)\|([a-z]*)/.exec(line) ?? [];
    const tried = [{ file: "mapping.yml", line: 2, match: "debug.*", match_type: "glob", action: "drop", reason: "segment 1 is checkout: want debug" }];
    if (kind !== "c" && kind !== "g") return { line, samples: [{ rejected: "unknown_type", offset: line.indexOf("|") + 1, advice: "the type is none of c, g, ms, h, d, s and m" }], fields_ignored: 0 };
    const rule = name.startsWith("checkout.") ? { file: "mapping.yml", line: 12, match: "checkout.*", match_type: "glob", action: "map" } : undefined;
    return {
      line, fields_ignored: 0,
      samples: [{
        kind, name, value, meaning: kind === "c" ? "adds to the counter" : "sets the gauge", dialect: "dogstatsd", tags: [{ key: "method", value: "get" }, { key: "bare", value: null }],
        rule, tried, family: name.replaceAll(".", "_"), type: kind === "c" ? "counter" : "gauge", series: name.replaceAll(".", "_") + '{method="get"}', series_id: "94c983f417f24898",
      }],
    };
  });
}
