import { ago, clock, count, rate } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { href } from "../route.ts";
import { now, route, setParams } from "../store.ts";
import { type Column, Table } from "../table.tsx";
import { explainCommand, visible } from "../text.ts";
import { Card, Copy, Empty, Fix, Line, State, Tag } from "../ui.tsx";
import type { Reject, RejectReason, Rejects as Answer } from "../wire.ts";
import { isLimit, words } from "./overview.tsx";
import { who } from "./who.tsx";

export function Rejects() {
  const reason = route.value.params.reason ?? "";
  const rejects = usePoll<Answer>("rejects", { reason, limit: 50 });
  const d = rejects.data;
  const reasons = (d?.reasons ?? []).filter((r) => !reason || r.reason === reason).sort((a, b) => (b.ten_minutes ?? 0) - (a.ten_minutes ?? 0) || b.samples - a.samples);
  return (
    <>
      <State of={rejects} what="the rejects" />
      {reason && <div class="w12"><Tag tone="b">{words(reason)}</Tag> <button type="button" class="small" onClick={() => setParams({ reason: undefined })}>All reasons</button></div>}
      {d && reasons.length === 0 && <Card title="Rejects"><Empty>{reason ? `Nothing was rejected for the reason ${words(reason)}.` : "Nothing was rejected since the start. Lines that weir cannot read would be here, with the wrong byte marked and who sent them."}</Empty></Card>}
      {reasons.map((r) => <Reason key={r.reason} r={r} isAlone={reasons.length === 1} />)}
      {d && (d.rejects ?? []).length > 0 && (
        <Card title="Newest rejects" note={reason ? `· only ${words(reason)}` : "· a sample of what was rejected, newest first"}>
          <Table caption="Newest rejects" columns={columns} rows={d.rejects ?? []} rowKey={(r) => r.seq} sort="-at" empty="" />
        </Card>
      )}
    </>
  );
}

function Reason({ r, isAlone }: { r: RejectReason; isAlone: boolean }) {
  const n = r.newest;
  return (
    <Card title={words(r.reason)} wide={isAlone ? "w12" : "w6"} tag={<Tag tone={isLimit(r.reason) ? "w" : "b"}>{count(r.samples)} {isLimit(r.reason) ? "refused" : "rejected"}</Tag>}
      note={`${rate(r.per_second)}/s · ${count(r.ten_minutes)} in 10 min`}
      actions={!isAlone && <button type="button" class="small" aria-label={"Only these: " + words(r.reason)} onClick={() => setParams({ reason: r.reason }, true)}>Only these</button>}>
      {n && (
        <>
          {n.detail && <p><b>{visible(n.detail)}</b></p>}
          {n.foreign && <p>{visible(n.foreign)}</p>}
          <Line text={n.line} offset={n.offset} isEscaped={n.line_escaped} isCut={n.line_truncated} />
          <p class="soft">{ago(n.at, now.value)} from {who(n)}{n.listener ? ` at ${visible(n.listener)}` : ""}{n.is_new && <> · <Tag tone="w">new</Tag></>}</p>
        </>
      )}
      <Fix actions={n && <Actions r={n} />}>{visible(n?.advice || r.advice || "")}</Fix>
    </Card>
  );
}

function Actions({ r }: { r: Reject }) {
  return (
    <>
      <Copy text={explainCommand(r.line, r.line_escaped)} label="Copy command" title="weir explain '…' for a terminal" />
      <a class="small" href={href("test", { line: r.line })}>Test this line</a>
    </>
  );
}

const columns: Column<Reject>[] = [
  { key: "at", title: "Time", value: (r) => r.seq, cell: (r) => <time class="nowrap">{clock(r.at, now.value, true)}</time> },
  { key: "reason", title: "Reason", value: (r) => r.reason, cell: (r) => <Tag tone={isLimit(r.reason) ? "w" : "b"}>{words(r.reason)}</Tag> },
  { key: "line", title: "Line", isName: true, value: (r) => r.line, cell: (r) => <Line text={r.line} offset={r.offset} isEscaped={r.line_escaped} isCut={r.line_truncated} most={120} /> },
  { key: "sender", title: "From", value: (r) => who(r), cell: (r) => who(r) },
  { key: "do", title: "Look", isWide: true, value: (r) => explainCommand(r.line, r.line_escaped), cell: (r) => <span class="actions"><Actions r={r} /></span> },
];
