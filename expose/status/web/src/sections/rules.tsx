import { ago, clock, count, plural, rate } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { href } from "../route.ts";
import { now, route, setParams } from "../store.ts";
import { type Column, Table } from "../table.tsx";
import { isMatch, shorten, visible } from "../text.ts";
import { Card, Find, Name, State, Tag } from "../ui.tsx";
import type { Rule, Rules as Answer } from "../wire.ts";

const columns: Column<Rule>[] = [
  { key: "place", title: "Where", value: (r) => `${r.file}:${String(r.line).padStart(6, "0")}`, cell: (r) => <span class="nowrap" title={visible(r.file)}>{visible(r.file.split("/").at(-1) ?? "")}:{r.line}</span> },
  { key: "match", title: "Match", isName: true, value: (r) => r.match, cell: (r) => <><Name text={r.match} strong />{r.match_type !== "glob" && <span class="soft"> {visible(r.match_type)}</span>}</> },
  { key: "action", title: "Does", value: (r) => `${r.action} ${r.name}`, cell: (r) => (r.action === "drop" ? <Tag tone="c">drops</Tag> : <Name text={r.name} />) },
  { key: "hits", title: "Names decided", isNumber: true, value: (r) => r.hits, cell: (r) => (r.hits > 0 ? count(r.hits) : <Tag tone="w">never matched</Tag>) },
  { key: "last", title: "Last", isNumber: true, isWide: true, value: (r) => r.last_hit_at, cell: (r) => ago(r.last_hit_at, now.value) },
  { key: "rate", title: "Samples/s", isNumber: true, value: (r) => r.samples_per_second, cell: (r) => rate(r.samples_per_second) },
];

type Unmapped = NonNullable<Answer["unmapped"]>[number];

const unmappedColumns: Column<Unmapped>[] = [
  { key: "name", title: "Sent as", value: (u) => u.name, cell: (u) => <Name text={u.name} strong /> },
  { key: "family", title: "Metric", value: (u) => u.family, cell: (u) => <a href={href("metrics", {}, u.family)}><Name text={shorten(u.family, 100)} most={100} /></a> },
  { key: "series", title: "Series", isNumber: true, value: (u) => u.series, cell: (u) => count(u.series) },
];

export function Rules() {
  const rules = usePoll<Answer>("rules");
  const p = route.value.params;
  const d = rules.data;
  const all = d?.rules ?? [];
  const fits = (text: string) => !p.find || isMatch(p.find, text);
  const never = all.filter((r) => r.hits === 0).length;
  const isOnlyNever = p.never === "1";
  const rows = all.filter((r) => (!isOnlyNever || r.hits === 0) && fits(`${r.match} ${r.name}`));
  const unmapped = (d?.unmapped ?? []).filter((u) => fits(u.name));
  return (
    <>
      <Card title="Rules" note={d?.since ? `· counted since ${clock(d.since, now.value)}, once for each name with its tags, not for each line` : "· counted once for each name with its tags, not for each line"}>
        <Find value={p.find ?? ""} onInput={(v) => setParams({ find: v || undefined })} label="Find a rule or a name">
          <label class="check"><input type="checkbox" checked={isOnlyNever} onChange={(e) => setParams({ never: e.currentTarget.checked ? "1" : undefined })} />never matched ({count(never)})</label>
        </Find>
        <State of={rules} what="the rules" />
        {d && <Table caption="Rules" columns={columns} rows={rows} rowKey={(r) => `${r.file}:${r.line}:${r.match}`} sort="place"
          empty={all.length ? "No rule is like that." : "There are no rules: names stay as they are sent. mapping.file names a file with rules."}
          actions={<span class="page">{plural(d.total ?? all.length, "rule")}</span>} />}
      </Card>
      {d && (
        <Card title="Names that no rule matches" note="· they keep the name that was sent">
          <Table caption="Names that no rule matches" columns={unmappedColumns} rows={unmapped} rowKey={(u) => u.name + " " + u.family} param="names" sort="-series"
            empty={p.find ? "No name is like that." : "Every name is matched by a rule."} actions={<span class="page">{plural(d.unmapped_total ?? unmapped.length, "name")}</span>} />
        </Card>
      )}
    </>
  );
}
