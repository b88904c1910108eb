import { ago, count, mayExplode, percent, plural, rate } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { href } from "../route.ts";
import { now, route } from "../store.ts";
import { type Column, Table, parseSort } from "../table.tsx";
import { isMatch, shorten, visible } from "../text.ts";
import { Bar, Card, Copy, Find, Name, State } from "../ui.tsx";
import { setParams } from "../store.ts";
import type { Label } from "../wire.ts";

const columns: Column<Label>[] = [
  { key: "name", title: "Label", isName: true, value: (l) => l.name, cell: (l) => <Name text={l.name} strong /> },
  { key: "values", title: "Values", isNumber: true, value: (l) => l.values, cell: (l) => count(l.values) },
  { key: "growth", title: "Growth/min", isNumber: true, value: (l) => l.growth_per_minute, cell: (l) => <span title={l.growth_since ? "measured since " + ago(l.growth_since, now.value) : undefined}>{rate(l.growth_per_minute)}</span> },
  {
    key: "limit", title: "Limit", value: (l) => (l.limit ? l.limit.used / l.limit.most : null),
    cell: (l) => (l.limit && l.limit.most > 0 ? <span class="nowrap" title={visible(l.limit.kind)}><Bar share={l.limit.used / l.limit.most} label={`${percent(l.limit.used / l.limit.most)} of ${visible(l.limit.kind)}`} /> <span class="soft">{count(l.limit.used)} of {count(l.limit.most)}</span></span> : <span class="soft">none</span>),
  },
  {
    key: "metrics", title: "In metrics", isName: true, value: (l) => (l.families ?? []).map((f) => f.name).join(" "),
    cell: (l) => <ul>{(l.families ?? []).map((f) => <li key={f.name}><a href={href("metrics", {}, f.name)}><Name text={shorten(f.name, 60)} most={60} /></a> <span class="soft">{count(f.values)}</span></li>)}{l.families_total > (l.families ?? []).length ? <li class="soft">and {count(l.families_total - (l.families ?? []).length)} more</li> : null}</ul>,
  },
  {
    key: "newest", title: "Newest values", isWide: true, value: (l) => (l.newest ?? []).join(" "),
    cell: (l) => (l.newest?.length ? <span class="mono" title={visible(shorten(l.newest.join("\u00a0· "), 600))}>{l.newest.slice(0, 5).map((v, i) => <span key={v + i}>{i > 0 && ", "}<Name text={shorten(v, 24)} /></span>)}{l.newest.length > 5 && " …"}</span> : <span class="soft">–</span>),
  },
  {
    key: "fix", title: "What to write", value: (l) => l.fix, isWide: true,
    cell: (l) => (l.fix && mayExplode(l.values, l.growth_per_minute) ? <span><code><Name text={l.fix} most={50} /></code> <Copy text={l.fix} /></span> : <span class="soft">–</span>),
  },
];

export function Labels() {
  const p = route.value.params;
  const by = parseSort(p.sort, "-values").key === "growth" ? "growth" : "values";
  const labels = usePoll<{ labels: Label[] | null; total?: number }>("labels", { sort: by, limit: 100 });
  const all = labels.data?.labels ?? [];
  const rows = p.find ? all.filter((l) => isMatch(p.find!, l.name)) : all;
  return (
    <Card title="Labels by distinct values" note="· a label with a value for each user or request is what makes series explode">
      <Find value={p.find ?? ""} onInput={(v) => setParams({ find: v || undefined })} label="Find a label" />
      <State of={labels} what="the labels" />
      {labels.data && <Table caption="Labels by distinct values" columns={columns} rows={rows} rowKey={(l) => l.name} sort="-values"
        empty={p.find ? "No label matches." : "No series has a label yet."} actions={<span class="page">{plural(labels.data.total ?? all.length, "label")}{all.length < (labels.data.total ?? 0) ? `, the first ${count(all.length)} are shown` : ""}</span>} />}
    </Card>
  );
}
