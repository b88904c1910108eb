import { count } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { route, setParams } from "../store.ts";
import { type Column, Table } from "../table.tsx";
import { isMatch, visible } from "../text.ts";
import { Card, Find, Name, State, Tag, capital } from "../ui.tsx";
import type { Config, Setting } from "../wire.ts";

const tones: Record<string, "g" | "w" | "c"> = { default: "c", environment: "w", flag: "w" };

const columns: Column<Setting>[] = [
  { key: "key", title: "Key", value: (s) => s.key, cell: (s) => <Name text={s.key} strong={!s.is_default} /> },
  { key: "value", title: "Value", value: (s) => s.value, cell: (s) => (s.secret ? <span class="soft">hidden</span> : s.value === "" ? <span class="soft">empty</span> : <Name text={s.value} most={120} />) },
  {
    key: "source", title: "From", value: (s) => s.source,
    cell: (s) => <span><Tag tone={tones[s.source] ?? "g"}>{visible(s.source)}</Tag> {s.place && <Name text={s.place} most={60} />}</span>,
  },
  { key: "default", title: "Default", isWide: true, value: (s) => s.default, cell: (s) => (s.is_default ? <span class="soft">the same</span> : s.default === "" ? <span class="soft">empty</span> : <Name text={s.default} most={80} />) },
];

export function Configuration() {
  const config = usePoll<Config>("config", {}, 5_000);
  const p = route.value.params;
  const d = config.data;
  const all = d?.settings ?? [];
  const isSet = p.set === "1";
  const rows = all.filter((s) => (!isSet || !s.is_default) && (!p.find || isMatch(p.find, `${s.key} ${s.value} ${s.place}`)));
  const files = d?.files ?? [];
  return (
    <>
      {d?.changed_on_disk && <div class="w12"><Tag tone="w">changed on disk, not reloaded</Tag> <span>weir runs with what it read before. <code>kill -HUP</code> or <code>POST /-/reload</code> reads the files again.</span></div>}
      {(d?.notes ?? []).length > 0 && <Card title="Warnings" note="· those of weir check"><ul class="why">{d!.notes!.map((n) => <li key={n}>{capital(n)}</li>)}</ul></Card>}
      <Card title="Configuration in force" note="· with where each value comes from">
        <Find value={p.find ?? ""} onInput={(v) => setParams({ find: v || undefined })} label="Find a key or a value">
          <label class="check"><input type="checkbox" checked={isSet} onChange={(e) => setParams({ set: e.currentTarget.checked ? "1" : undefined })} />only what is set</label>
        </Find>
        <State of={config} what="the configuration" />
        {d && <Table caption="Configuration in force" columns={columns} rows={rows} rowKey={(s) => s.key} sort="key" rowClass={(s) => (s.is_default ? "dim" : "")}
          empty={isSet && !p.find ? "Everything is at its default." : "No key is like that."} actions={<span class="page">{count(rows.length)} of {count(all.length)} keys</span>} />}
      </Card>
      {files.length > 0 && (
        <Card title="Files">
          <ul class="why">{files.map((f) => <li key={f.path}><Name text={f.path} most={200} /> {f.error ? <Tag tone="b">{visible(f.error)}</Tag> : f.changed ? <Tag tone="w">changed since it was read</Tag> : <span class="soft">as it was read</span>}</li>)}</ul>
        </Card>
      )}
    </>
  );
}
