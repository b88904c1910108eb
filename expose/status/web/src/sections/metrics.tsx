import { useDebounced, usePoll, useSignal } from "../hooks.ts";
import { Pager, usePages } from "../pages.tsx";
import { route, setParams, status } from "../store.ts";
import { parseSort } from "../table.tsx";
import { Card, Find, State } from "../ui.tsx";
import type { Families } from "../wire.ts";
import { count, sampled } from "../format.ts";
import { FamilyTable } from "./families.tsx";

const size = 100;
const types = ["counter", "gauge", "histogram", "summary"];
const onServer = new Set(["name", "rate", "series", "bytes", "new"]);

export function Metrics() {
  const p = route.value.params;
  const text = useSignal(p.find ?? "");
  const match = useDebounced(text.value);
  if ((p.find ?? "") !== match && text.value === match) setTimeout(() => setParams({ find: match || undefined }));
  const sort = parseSort(p.sort, "-rate").key;
  const asked = { match, type: p.type, own: p.own === "1", sort: onServer.has(sort) ? sort : "rate" };
  const pages = usePages(JSON.stringify(asked));
  const families = usePoll<Families>("families", { ...asked, limit: size, after: pages.after });
  const d = families.data;
  const rows = d?.families ?? [];
  return (
    <Card title="Metrics" note={note(d)}>
      <Find value={text.value} onInput={(v) => (text.value = v)} label="Find a metric: name, part of it, or a*glob">
        <select aria-label="Type" value={p.type ?? ""} onChange={(e) => setParams({ type: e.currentTarget.value || undefined })}>
          <option value="">every type</option>
          {types.map((t) => <option key={t} value={t}>{t}</option>)}
        </select>
        <label class="check"><input type="checkbox" checked={p.own === "1"} onChange={(e) => setParams({ own: e.currentTarget.checked ? "1" : undefined })} />weir's own</label>
      </Find>
      <State of={families} what="the metrics" />
      {d && <FamilyTable rows={rows} caption="Metrics" actions={<Pager pages={pages} size={size} rows={rows.length} total={d.total} next={d.next} noun="metrics" />}
        empty={match || p.type ? <>No metric matches. A part of a name finds it, and * stands for anything: <code>checkout*time</code>.</> : "No metric yet: no line came."} />}
    </Card>
  );
}

function note(d: Families | null): string | undefined {
  const parts = [];
  if (status.value) parts.push(`${count(status.value.series.now)} series`);
  if (d?.sample) parts.push(`samples a second ${sampled(d.sample)}`);
  return parts.length ? "· " + parts.join(" · ") : undefined;
}
