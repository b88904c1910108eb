import type { ComponentChildren } from "preact";
import { ago, bytes, count, plural, rate } from "../format.ts";
import { href } from "../route.ts";
import { now } from "../store.ts";
import { type Column, Table } from "../table.tsx";
import { shorten, visible } from "../text.ts";
import { Name, Spark, Tag } from "../ui.tsx";
import type { Family } from "../wire.ts";

/** from names the busiest sender of a family and counts the others. */
export function from(f: Family): string {
  const senders = f.senders ?? [];
  const first = senders[0];
  if (!first) return "";
  const all = senders.length + (f.senders_more ?? 0);
  const name = first.name || first.address || (first.pid ? `pid ${first.pid}` : "");
  return shorten(visible(name), 24) + (all > 1 ? ` (${count(all)})` : "");
}

const columns: Record<string, Column<Family>> = {
  name: {
    key: "name", title: "Metric", isName: true, value: (f) => f.name,
    cell: (f) => <a href={href("metrics", {}, f.name)}><Name text={shorten(f.name, 100)} most={100} /></a>,
  },
  type: { key: "type", title: "Type", value: (f) => f.kind || f.type, cell: (f) => <Tag tone="g">{visible(f.kind || f.type)}</Tag> },
  rate: { key: "rate", title: "Samples/s", isNumber: true, value: (f) => f.samples_per_second, cell: (f) => rate(f.samples_per_second) },
  series: { key: "series", title: "Series", isNumber: true, value: (f) => f.series, cell: (f) => count(f.series) },
  fresh: { key: "new", title: "New/min", isNumber: true, isWide: true, value: (f) => f.new_per_minute, cell: (f) => rate(f.new_per_minute) },
  bytes: { key: "bytes", title: "Exposed", isNumber: true, isWide: true, value: (f) => f.exposed_bytes, cell: (f) => bytes(f.exposed_bytes) },
  seen: { key: "seen", title: "Last seen", isWide: true, value: (f) => f.last_seen_at, cell: (f) => <span class="nowrap">{ago(f.last_seen_at, now.value)}</span> },
  history: {
    key: "history", title: "Last 10 min", isWide: true, value: (f) => (f.history?.length ? Math.max(...f.history) : null),
    cell: (f) => (f.history?.length ? <Spark values={f.history} label="samples a second in the last ten minutes" small /> : <span class="soft">–</span>),
  },
  rule: {
    key: "rule", title: "Rule", isWide: true, value: (f) => (f.rule ? `${f.rule.file}:${f.rule.line}` : null),
    cell: (f) => (f.rule ? <a class="nowrap" href={href("rules", { find: f.rule.match })} title={visible(shorten(f.rule.match, 100))}>{visible(shorten(f.rule.file.split("/").at(-1) ?? "", 30))}:{f.rule.line}</a> : <span class="soft">–</span>),
  },
  from: { key: "from", title: "From", value: from, cell: (f) => from(f) || <span class="soft">–</span> },
};

const long = [columns.name!, columns.type!, columns.rate!, columns.series!, columns.fresh!, columns.bytes!, columns.seen!, columns.history!, columns.rule!, columns.from!];
const brief = [columns.name!, columns.type!, columns.rate!, columns.series!, columns.history!, columns.from!];

export function FamilyTable({ rows, caption, isShort, empty, actions, param, sort = "-rate" }: {
  rows: Family[]; caption: string; isShort?: boolean; empty: ComponentChildren; actions?: ComponentChildren; param?: string; sort?: string;
}) {
  return <Table caption={caption} columns={isShort ? brief : long} rows={rows} rowKey={(f) => f.name} sort={sort} param={param} empty={empty} actions={actions} />;
}

/** limitText says how near a family is to its limit. */
export function limitText(f: Family): string {
  return f.limit && f.limit > 0 ? `${count(f.series)} of ${plural(f.limit, "allowed series", "allowed series")}` : count(f.series);
}
