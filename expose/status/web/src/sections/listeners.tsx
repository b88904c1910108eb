import { bytes, count, percent, rate } from "../format.ts";
import { usePoll } from "../hooks.ts";
import { type Column, Table } from "../table.tsx";
import { visible } from "../text.ts";
import { Bar, Card, Copy, Fix, Name, State } from "../ui.tsx";
import type { Listener } from "../wire.ts";

const columns: Column<Listener>[] = [
  { key: "listener", title: "Listener", isName: true, value: (l) => l.listener, cell: (l) => <><Name text={l.listener} strong />{l.sockets > 1 && <span class="soft"> {count(l.sockets)} sockets</span>}</> },
  { key: "rate", title: "Lines/s", isNumber: true, value: (l) => l.lines_per_second, cell: (l) => rate(l.lines_per_second) },
  { key: "lines", title: "Lines", isNumber: true, isWide: true, value: (l) => l.lines, cell: (l) => count(l.lines) },
  { key: "datagrams", title: "Datagrams", isNumber: true, isWide: true, value: (l) => (l.max_connections > 0 ? null : l.datagrams), cell: (l) => (l.max_connections > 0 ? <span class="soft">–</span> : count(l.datagrams)) },
  { key: "bytes", title: "Received", isNumber: true, isWide: true, value: (l) => l.bytes, cell: (l) => bytes(l.bytes) },
  {
    key: "connections", title: "Connections", isNumber: true, isWide: true, value: (l) => l.connections,
    cell: (l) => (l.max_connections > 0 ? <>{count(l.connections)} <span class="soft">of {count(l.max_connections)}</span></> : <span class="soft">–</span>),
  },
  {
    key: "queued", title: "Queue", value: (l) => (l.buffer_bytes > 0 ? l.queued_bytes / l.buffer_bytes : null),
    cell: (l) => (l.buffer_bytes > 0 ? <span class="nowrap"><Bar share={l.queued_bytes / l.buffer_bytes} label={`${percent(l.queued_bytes / l.buffer_bytes)} of the buffer is used`} /> <span class="soft">{bytes(l.queued_bytes)}</span></span> : <span class="soft">–</span>),
  },
  {
    key: "buffer", title: "Buffer", isNumber: true, value: (l) => l.buffer_bytes,
    cell: (l) => (l.buffer_bytes > 0 ? <>{bytes(l.buffer_bytes)}{l.buffer_asked_bytes > l.buffer_bytes && <span class="soft"> of {bytes(l.buffer_asked_bytes)} asked</span>}</> : <span class="soft">–</span>),
  },
  { key: "drops", title: "Kernel drops", isNumber: true, value: (l) => l.kernel_drops, cell: (l) => <span class={l.kernel_drops ? "strong" : undefined}>{count(l.kernel_drops)}</span> },
  { key: "truncated", title: "Truncated", isNumber: true, isWide: true, value: (l) => l.truncated, cell: (l) => count(l.truncated) },
  { key: "rejected", title: "Rejected", isNumber: true, value: (l) => l.rejected, cell: (l) => count(l.rejected) },
];

export function Listeners() {
  const listeners = usePoll<{ listeners: Listener[] | null }>("listeners");
  const rows = listeners.data?.listeners ?? [];
  return (
    <Card title="Ways in" note="· sockets that lines come by, their queues and what the kernel granted">
      <State of={listeners} what="the listeners" />
      {listeners.data && <Table caption="Ways in" columns={columns} rows={rows} rowKey={(l) => l.listener} sort="-rate" empty="weir has no listener: set ingest.udp, ingest.tcp, ingest.unixgram or ingest.unix." />}
      {rows.filter((l) => l.advice).map((l) => (
        <Fix key={l.listener} actions={<Copy text={l.advice!} />}><span class="soft"><Name text={l.listener} />: </span><code>{visible(l.advice!)}</code></Fix>
      ))}
    </Card>
  );
}
