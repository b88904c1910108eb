import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../api.ts";
import { clock, count, seconds } from "../format.ts";
import { Poller, type Link } from "../poll.ts";
import { href } from "../route.ts";
import { isPaused, now, route, setParams, wakes } from "../store.ts";
import { keep } from "../tailing.ts";
import { visible } from "../text.ts";
import { Card, Copy, Empty, Find, Line, State } from "../ui.tsx";
import type { Tail as Answer, TailLine } from "../wire.ts";
import { words } from "./overview.tsx";
import { who } from "./who.tsx";

const lasts = 5 * 60; // seconds; then it ends by itself

/** Tail shows lines as they come, while somebody wants to see them. */
export function Tail() {
  const p = route.value.params;
  const endsAt = useSignal(0); // ms; 0 while it does not run
  const lines = useSignal<TailLine[]>([]);
  const counts = useSignal({ seen: 0, skipped: 0 });
  const link = useSignal<Link>({ state: "starting" });
  const left = useSignal(0);
  const isRunning = endsAt.value > 0;
  const match = p.find ?? "";
  const sender = p.sender ?? "";
  const rejected = p.rejected === "1";
  useEffect(() => {
    if (!isRunning) return;
    let since: number | undefined;
    const poller = new Poller<Answer>({
      load: (abort) => get<Answer>("tail", { since, match, sender, rejected, limit: 50, wait: "2s" }, abort),
      every: 250,
      onData: (d) => {
        // A since that goes back is that of another process.
        const fresh = since !== undefined && d.since < since ? d.lines ?? [] : (d.lines ?? []).filter((l) => since === undefined || l.seq > since);
        since = d.since;
        lines.value = keep(lines.peek(), fresh);
        counts.value = { seen: counts.peek().seen + d.seen, skipped: counts.peek().skipped + d.skipped };
      },
      onLink: (l) => (link.value = l),
    });
    const tick = setInterval(() => {
      if (isPaused.peek()) poller.pause();
      else poller.resume();
      left.value = Math.max(0, Math.round((endsAt.peek() - Date.now()) / 1000));
      if (left.value === 0) endsAt.value = 0;
    }, 1000);
    left.value = Math.round((endsAt.peek() - Date.now()) / 1000);
    poller.start();
    const unsubscribe = wakes.subscribe(() => poller.kick());
    return () => {
      clearInterval(tick);
      unsubscribe();
      poller.stop();
    };
  }, [isRunning, match, sender, rejected]);
  const toggle = () => {
    counts.value = { seen: 0, skipped: 0 };
    endsAt.value = isRunning ? 0 : Date.now() + lasts * 1000;
  };
  const all = lines.value;
  return (
    <Card title="Live lines" note="· at most 50 a second, the newest on top"
      actions={<>{all.length > 0 && <><Copy text={() => all.map((l) => l.line).join("\n") + "\n"} label="Copy lines" /><button type="button" class="small" onClick={() => (lines.value = [])}>Clear</button></>}</>}>
      <Find value={match} onInput={(v) => setParams({ find: v || undefined })} label="Only names like: part of it, or a*glob">
        <input class="grow" type="search" value={sender} placeholder="Only from: address, pid or program" aria-label="Only from: address, pid or program" autocomplete="off" onInput={(e) => setParams({ sender: e.currentTarget.value || undefined })} />
        <label class="check"><input type="checkbox" checked={rejected} onChange={(e) => setParams({ rejected: e.currentTarget.checked ? "1" : undefined })} />only rejected</label>
        <button type="button" class="primary" onClick={toggle}>{isRunning ? "Stop" : "Start"}</button>
      </Find>
      {isRunning && <State of={{ data: 1, link: link.value, isOld: false }} what="lines" />}
      <p class="soft" id="tail-state">{isRunning
        ? `Ends by itself in ${seconds(left.value)}. Looked at ${count(counts.value.seen)} lines${counts.value.skipped ? `; ${count(counts.value.skipped)} that match were left out, because more than 50 a second match` : ""}.`
        : all.length ? "Stopped." : ""}</p>
      {all.length === 0 ? <Empty>{isRunning ? "No line that matches came yet." : "Start shows lines as they arrive, before any rule. While nobody looks it costs nothing."}</Empty>
        : <ol class="lines">{all.map((l) => <Row key={l.seq} l={l} />)}</ol>}
    </Card>
  );
}

function Row({ l }: { l: TailLine }) {
  return (
    <li>
      <time>{clock(l.at, now.value, true)}</time>
      <span class="what"><Line text={l.line} offset={l.reason ? (l.offset ?? -1) : -1} isEscaped={l.line_escaped} most={400} /></span>
      <span class="who" title={`${who(l)} at ${visible(l.listener ?? "")}`}>{who(l, true)}</span>
      {l.reason && <a class="tag b" href={href("test", { line: l.line })} title="Test this line">{words(l.reason)}</a>}
    </li>
  );
}
