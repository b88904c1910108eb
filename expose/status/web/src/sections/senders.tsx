import { ago, clock, count, plural, rate } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { href } from "../route.ts";
import { now, route, setParams } from "../store.ts";
import { type Column, Table, parseSort } from "../table.tsx";
import { isMatch, shorten, visible } from "../text.ts";
import { Card, Find, Name, State } from "../ui.tsx";
import type { Sender, Senders as Answer } from "../wire.ts";
import { words } from "./overview.tsx";
import { who } from "./who.tsx";

const size = 200;
const onServer: Record<string, string> = { rate: "rate", rejected: "rejected", created: "created", sender: "name" };

const columns: Column<Sender>[] = [
  {
    key: "sender", title: "Sender", isName: true, value: who,
    cell: (s) => <><Name text={shorten(s.program || s.sender, 60)} strong /> <span class="soft">{[s.pid ? `pid ${s.pid}` : "", s.program && s.sender !== `pid ${s.pid}` ? visible(s.sender) : "", (s.addresses ?? 0) > 1 ? `${count(s.addresses)} addresses` : ""].filter(Boolean).join(" · ")}</span></>,
  },
  { key: "transport", title: "By", isWide: true, value: (s) => s.transport, cell: (s) => visible(s.transport ?? "–") },
  { key: "rate", title: "Lines/s", isNumber: true, value: (s) => s.lines_per_second, cell: (s) => rate(s.lines_per_second) },
  { key: "lines", title: "Lines", isNumber: true, isWide: true, value: (s) => s.lines, cell: (s) => count(s.lines) },
  { key: "rejected", title: "Rejected", isNumber: true, value: (s) => s.rejected, cell: (s) => <Rejected s={s} /> },
  { key: "refused", title: "Refused", isNumber: true, isWide: true, value: (s) => s.refused, cell: (s) => count(s.refused) },
  { key: "created", title: "Series made", isNumber: true, value: (s) => s.series_created, cell: (s) => count(s.series_created) },
  { key: "seen", title: "Last seen", isWide: true, value: (s) => s.last_seen_at, cell: (s) => <span class="nowrap">{ago(s.last_seen_at, now.value)}</span> },
  { key: "look", title: "Look", isWide: true, value: (s) => s.sender, cell: (s) => <a class="small" href={href("tail", { sender: s.sender })}>Live lines</a> },
];

function Rejected({ s }: { s: Sender }) {
  const reasons = Object.entries(s.reject_reasons ?? {}).sort((a, b) => b[1] - a[1]);
  return <span title={reasons.map(([r, n]) => `${words(r)}: ${count(n)}`).join("\n") || undefined}>{count(s.rejected)}{reasons[0] && <span class="soft"> {words(reasons[0][0])}</span>}</span>;
}

export function Senders() {
  const p = route.value.params;
  const senders = usePoll<Answer>("senders", { sort: onServer[parseSort(p.sort, "-rate").key] ?? "rate", limit: size });
  const d = senders.data;
  const all = d?.senders ?? [];
  const rows = p.find ? all.filter((s) => isMatch(p.find!, who(s))) : all;
  return (
    <Card title="Senders" note={d?.since ? `· lines are counted since ${clock(d.since, now.value, true)}, when somebody began to look; rejects and new series always` : "· lines are counted while somebody looks; rejects and new series always"}>
      <Find value={p.find ?? ""} onInput={(v) => setParams({ find: v || undefined })} label="Find a sender" />
      <State of={senders} what="the senders" />
      {d && <Table caption="Senders" columns={columns} rows={rows} rowKey={(s) => `${s.sender} ${s.transport} ${s.pid}`} sort="-rate"
        empty={p.find ? "No sender matches." : "No sender is known yet. Lines by sender are counted from now on."}
        actions={<span class="page">{plural(d.total ?? all.length, "sender")}{d.others ? `; ${count(d.others)} more are counted as one` : ""}</span>} />}
    </Card>
  );
}
