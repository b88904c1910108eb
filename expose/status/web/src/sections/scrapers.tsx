import { ago, bytes, count, percent, seconds } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { now, status } from "../store.ts";
import { type Cell, type Column, Table } from "../table.tsx";
import { shorten, visible } from "../text.ts";
import { Card, Empty, Name, State } from "../ui.tsx";
import type { Scraper } from "../wire.ts";

const columns: Column<Scraper>[] = [
  {
    key: "peer", title: "Scraper", isName: true, value: (s) => s.peer,
    cell: (s) => <><Name text={s.peer} strong />{s.name && <span class="soft"> as {visible(shorten(s.name, 40))}</span>}<br /><span class="soft">{visible(shorten(s.user_agent, 60))}</span></>,
  },
  { key: "format", title: "Format", value: (s) => s.format, cell: (s) => <span class="nowrap">{visible(s.format)}{s.encoding && s.encoding !== "identity" ? `, ${visible(s.encoding)}` : ""}</span> },
  { key: "last", title: "Last", isNumber: true, value: (s) => s.last_at, cell: (s) => ago(s.last_at, now.value) },
  { key: "interval", title: "Every", isNumber: true, value: (s) => s.interval_seconds, cell: (s) => seconds(s.interval_seconds) },
  { key: "duration", title: "Took", isNumber: true, value: (s) => s.duration_seconds, cell: (s) => seconds(s.duration_seconds) },
  { key: "bytes", title: "Sent", isNumber: true, isWide: true, value: (s) => s.body_bytes, cell: (s) => <span title={`${bytes(s.bytes)} before compression`}>{bytes(s.body_bytes)}</span> },
  { key: "reused", title: "Pages reused", isNumber: true, isWide: true, value: (s) => (s.pages > 0 ? s.pages_reused / s.pages : null), cell: (s) => (s.pages > 0 ? <>{percent(s.pages_reused / s.pages)} <span class="soft">of {count(s.pages)}</span></> : "–") },
  { key: "scrapes", title: "Scrapes", isNumber: true, isWide: true, value: (s) => s.scrapes, cell: (s) => count(s.scrapes) },
  { key: "late", title: "Late", isNumber: true, value: (s) => s.late, cell: (s) => count(s.late) },
  { key: "aborted", title: "Aborted", isNumber: true, isWide: true, value: (s) => s.aborted, cell: (s) => count(s.aborted) },
];

type Push = Record<string, unknown>;

/** pushColumns shows whatever a push says about itself: the first of its fields that are plain. */
function pushColumns(rows: Push[]): Column<Push>[] {
  const keys = Object.keys(rows[0] ?? {}).filter((k) => typeof rows[0]?.[k] !== "object");
  return keys.map((key) => {
    const value = (row: Push): Cell => (typeof row[key] === "number" ? row[key] : String(row[key] ?? ""));
    const isTime = key.endsWith("_at");
    return {
      key, title: visible(key.replaceAll("_", " ")), value, isNumber: typeof rows[0]?.[key] === "number",
      cell: (row) => { const v = value(row); return typeof v === "number" ? (isTime ? ago(v, now.value) : key.endsWith("_bytes") ? bytes(v) : key.endsWith("_seconds") ? seconds(v) : count(v)) : <Name text={v ?? ""} />; },
    };
  });
}

export function Scrapers() {
  const out = usePoll<{ scrapers: Scraper[] | null; pushes: Push[] | null }>("scrapers");
  const pushes = out.data?.pushes ?? [];
  const path = status.value?.endpoint?.path ?? "/metrics";
  return (
    <>
      <Card title="Scrapers" note={`· who reads ${visible(shorten(path, 60))}`}>
        <State of={out} what="the scrapers" />
        {out.data && <Table caption="Scrapers" columns={columns} rows={out.data.scrapers ?? []} rowKey={(s) => `${s.peer} ${s.user_agent} ${s.format} ${s.name}`} sort="-last"
          empty={<>Nobody scraped yet. Point Prometheus at this host and the path <code>{visible(path)}</code>.</>} />}
      </Card>
      {out.data && (
        <Card title="Pushes" note="· what weir sends by itself">
          {pushes.length === 0 ? <Empty>weir pushes to nobody.</Empty> : <Table caption="Pushes" columns={pushColumns(pushes)} rows={pushes} rowKey={(p) => JSON.stringify(p)} param="pushes" sort="" empty="" />}
        </Card>
      )}
    </>
  );
}
