import { useSignal } from "@preact/signals";
import { ago, bytes, count, moment, percent, rate } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { Pager, usePages } from "../pages.tsx";
import { href } from "../route.ts";
import { now, route, setParams } from "../store.ts";
import { type Column, Table } from "../table.tsx";
import { visible } from "../text.ts";
import { Bar, Card, Copy, Facts, Name, Spark, State, Tabs, Tag } from "../ui.tsx";
import type { Family, FamilyDetail, Series } from "../wire.ts";
import { limitText } from "./families.tsx";

const size = 20;

/** Metric is one family: its series, what scrapers get, why, and how to ask for it. */
export function Metric({ name }: { name: string }) {
  const format = route.value.params.format ?? "text";
  const pages = usePages(name + format);
  const detail = usePoll<FamilyDetail>("families/" + encodeURIComponent(name), { format, limit: size, after: pages.after });
  const d = detail.data;
  const rows = d?.series ?? [];
  const back = <a class="small" href={href("metrics")}>All metrics</a>;
  return (
    <>
      <Card title="Metric" tag={d && <Tag tone="g">{visible(d.family.kind || d.family.type)}</Tag>} actions={back}>
        <p class="title"><Name text={name} most={200} /></p>
        <State of={detail} what="this metric" />
        {d && <About f={d.family} />}
      </Card>
      {d && (
        <>
          <Card title="Series" note={`· ${limitText(d.family)}`}>
            <Table caption="Series" columns={seriesColumns} rows={rows} rowKey={(s) => s.series} sort="-rate"
              empty="This metric has no series now." actions={<Pager pages={pages} size={size} rows={rows.length} total={d.family.series} next={d.next} noun="series" />} />
          </Card>
          <Exposed d={d} format={format} />
          <Card title="Why it is so" wide="w6">
            <ul class="why">{(d.why ?? []).map((w) => <li key={w}>{visible(w)}</li>)}</ul>
          </Card>
          <Card title="Ask Prometheus for it" wide="w6" note="· PromQL to paste">
            {(d.promql ?? []).map((q) => (
              <div class="fix" key={q.query}><span class="what"><span class="soft">{visible(q.title)}</span><br /><code><Name text={q.query} most={300} /></code></span>
                <span class="actions"><Copy text={q.query} /></span></div>
            ))}
          </Card>
        </>
      )}
    </>
  );
}

function About({ f }: { f: Family }) {
  const senders = f.senders ?? [];
  return (
    <>
      {f.help && <p class="soft"><Name text={f.help} most={300} /></p>}
      <Facts rows={[
        ["Samples a second", <>{rate(f.samples_per_second)}{f.share ? <span class="soft"> · {percent(f.share)} of all</span> : null}{f.history?.length ? <Spark values={f.history} label="samples a second in the last ten minutes" small /> : null}</>],
        ["Series", <>{limitText(f)}{f.limit ? <Bar share={f.series / f.limit} label={`${percent(f.series / f.limit)} of the limit`} /> : null}{f.refused ? <span class="soft">{count(f.refused)} samples refused</span> : null}</>],
        ["New series a minute", rate(f.new_per_minute)],
        ["Exposed", bytes(f.exposed_bytes)],
        ["Last seen", <span title={moment(f.last_seen_at)}>{ago(f.last_seen_at, now.value)}</span>],
        ["First seen", <span title={moment(f.created_at)}>{ago(f.created_at, now.value)}</span>],
        ["Rule", f.rule ? <a href={href("rules")}>{visible(`${f.rule.file}:${f.rule.line}`)} <Name text={f.rule.match} /></a> : "none: the name as it was sent"],
        ["Sent as", f.names?.length ? <ul>{f.names.map((n) => <li key={n}><Name text={n} /></li>)}</ul> : "–"],
        ["From", senders.length ? <ul>{senders.map((s) => <li key={s.name + s.address + s.pid}>{visible(s.name || s.address || "")}{s.pid ? ` (pid ${s.pid})` : ""} <span class="soft">{rate(s.samples_per_second)}/s</span></li>)}{f.senders_more ? <li class="soft">and {count(f.senders_more)} more</li> : null}</ul> : "known soon after somebody looks"],
      ]} />
    </>
  );
}

/** valueOf is the value of a series in one cell: of a histogram its count and sum. */
export function valueOf(s: Series): string {
  if (s.value !== null && s.value !== undefined) return s.value;
  const parts = [];
  if (s.count !== null && s.count !== undefined) parts.push(`${count(s.count)} observed`);
  if (s.sum) parts.push(`sum ${s.sum}`);
  for (const [q, v] of Object.entries(s.quantiles ?? {})) parts.push(`${q}: ${v}`);
  return parts.join(" · ");
}

const seriesColumns: Column<Series>[] = [
  { key: "series", title: "Labels", isName: true, value: (s) => s.series, cell: (s) => <Labels s={s} /> },
  {
    key: "value", title: "Value", isNumber: true,
    value: (s) => (s.value != null && s.value !== "" && Number.isFinite(Number(s.value)) ? Number(s.value) : (s.count ?? s.value)),
    cell: (s) => <>{visible(valueOf(s)) || "–"}{s.showing_zero && <> <Tag tone="c">shows 0 first</Tag></>}</>,
  },
  { key: "rate", title: "Samples/s", isNumber: true, value: (s) => s.samples_per_second, cell: (s) => rate(s.samples_per_second) },
  { key: "seen", title: "Last seen", isWide: true, value: (s) => s.last_seen_at, cell: (s) => <span class="nowrap" title={moment(s.last_seen_at)}>{ago(s.last_seen_at, now.value)}</span> },
  { key: "created", title: "First seen", isWide: true, value: (s) => s.created_at, cell: (s) => <span class="nowrap" title={moment(s.created_at)}>{ago(s.created_at, now.value)}</span> },
];

function Labels({ s }: { s: Series }) {
  const labels = Object.entries(s.labels ?? {});
  if (labels.length === 0) return <span class="soft">no labels</span>;
  return <span class="mono">{labels.map(([k, v], i) => <span key={k}>{i > 0 && ", "}<span class="soft"><Name text={k} most={40} />=</span><Name text={v} most={60} /></span>)}</span>;
}

const formats: [string, string][] = [["text", "Text"], ["openmetrics", "OpenMetrics"], ["protobuf", "Protobuf"]];

function Exposed({ d, format }: { d: FamilyDetail; format: string }) {
  const isOpen = useSignal(true);
  return (
    <Card title="What scrapers get" note={d.exposed_truncated ? "· the first 64 KiB" : undefined}
      actions={<><Tabs label="Format" value={format} options={formats} onChange={(f) => setParams({ format: f === "text" ? undefined : f })} />
        <Copy text={d.exposed} />
        <button type="button" class="small" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>{isOpen.value ? "Hide" : "Show"}</button></>}>
      {isOpen.value && <pre tabIndex={0} aria-label="Exposed lines">{visibleLines(d.exposed)}</pre>}
    </Card>
  );
}

/** visibleLines is visible, with line breaks that break lines. */
function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}
