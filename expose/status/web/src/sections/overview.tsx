import { useSignal } from "@preact/signals";
import { bytes, clock, count, percent, plural, rate, sampled, seconds } from "../format.ts";
import { type Fate, fates, flow } from "../flow.ts";
import { total } from "../history.ts";
import { type Polled, type Signal, useDebounced, usePoll } from "../hooks.ts";
import { href } from "../route.ts";
import { history, route, setParams, status } from "../store.ts";
import { explainCommand, shorten, visible } from "../text.ts";
import { Bar, Card, Copy, Empty, Find, Fix, Line, Name, Spark, State, Tag } from "../ui.tsx";
import type { Families, Note, RejectReason, Rejects, Status } from "../wire.ts";
import { FamilyTable } from "./families.tsx";

export function Overview() {
  const s = status.value;
  const text = useSignal(route.value.params.find ?? "");
  const match = useDebounced(text.value);
  if ((route.value.params.find ?? "") !== match && text.value === match) setTimeout(() => setParams({ find: match || undefined }));
  const families = usePoll<Families>("families", { match, sort: "rate", limit: 8 });
  const rejects = usePoll<Rejects>("rejects", { limit: 1 });
  if (!s) return null;
  const reasons = rejects.data?.reasons ?? [];
  return (
    <>
      <Rate s={s} />
      <SeriesTile s={s} />
      <Lost s={s} />
      <Cost s={s} />
      <Where s={s} reasons={reasons} />
      <Busiest families={families} text={text} />
      <Needs s={s} reasons={reasons} />
    </>
  );
}

function Tile({ title, value, under, children }: { title: string; value: string; under: string; children: preact.ComponentChildren }) {
  return (
    <section class="card tile" aria-label={title}>
      <div class="head"><h2>{title}</h2></div>
      <strong>{value}</strong>
      <span class="under">{under.split(" · ").map((part) => part.replaceAll(" ", "\u00a0")).join(" · ")}</span>
      {children}
    </section>
  );
}

function Rate({ s }: { s: Status }) {
  const peak = s.peak && s.peak.at ? `peak ${rate(s.peak.lines_per_second)} at ${clock(s.peak.at, s.now)}` : s.ledger.lines > 0 ? "peak not known yet" : "no line yet";
  return (
    <Tile title="Lines a second" value={rate(s.rates.lines)} under={peak}>
      <Spark values={history.value?.points.lines} label="lines a second in the last ten minutes" area />
    </Tile>
  );
}

function SeriesTile({ s }: { s: Status }) {
  const { now, limit, families } = s.series;
  const of = limit > 0 ? `of ${count(limit)} allowed · ` : "no limit · ";
  return (
    <Tile title="Series" value={count(now)} under={of + plural(families, "family", "families")}>
      {limit > 0 ? <Bar share={now / limit} label={`${percent(now / limit)} of the allowed series`} />
        : <Spark values={history.value?.points.series} label="series in the last ten minutes" area />}
    </Tile>
  );
}

function Lost({ s }: { s: Status }) {
  const t = s.ten_minutes;
  const lost = t.rejected + t.refused + t.kernel_drops;
  const all = t.samples + t.kernel_drops;
  const r = s.rates;
  const under = `${rate(r.rejected)} rejected/s · ${rate(r.refused)} refused/s · ${count(t.kernel_drops)} dropped by the kernel`;
  return (
    <Tile title="Not recorded" value={percent(all > 0 ? lost / all : 0)} under={under}>
      <Spark values={total(history.value?.points ?? {}, ["rejected", "refused", "kernel_drops"])} tone="warn"
        label="samples that were not recorded, a second, in the last ten minutes" />
    </Tile>
  );
}

function Cost({ s }: { s: Status }) {
  const { cpu, rss_bytes, memory_limit_bytes, scrape_seconds, pages_reused } = s.cost;
  const memory = bytes(rss_bytes) + (memory_limit_bytes > 0 ? ` of ${bytes(memory_limit_bytes)}` : "");
  const parts = [memory];
  if (scrape_seconds !== null) parts.push(`scrape ${seconds(scrape_seconds)}`);
  if (pages_reused !== null) parts.push(`${percent(pages_reused)} reused`);
  return (
    <Tile title="Cost" value={`${percent(cpu)} CPU`} under={parts.join(" · ")}>
      {memory_limit_bytes > 0 ? <Bar share={rss_bytes / memory_limit_bytes} label={`${percent(rss_bytes / memory_limit_bytes)} of the memory limit`} />
        : <Spark values={history.value?.points.cpu} label="CPU in the last ten minutes" area />}
    </Tile>
  );
}

/** Where draws the fate of every line; on narrow screens it is a list. */
function Where({ s, reasons }: { s: Status; reasons: RejectReason[] }) {
  const isAll = useSignal(false);
  const l = isAll.value ? s.ledger : s.ten_minutes;
  const [most, ...others] = reasons.filter((r) => !isLimit(r.reason) && r.reason !== "dropped_by_rule").sort((a, b) => (b.ten_minutes ?? b.samples) - (a.ten_minutes ?? a.samples));
  const list = fates(l, {
    recorded: `into ${count(s.series.now)} series`,
    refused: l.refused > 0 ? "limit reached" : "",
    rejected: l.rejected > 0 && most ? words(most.reason) + (others.length ? ` and ${count(others.length)} more` : "") : "",
    dropped: "by a rule",
  });
  const isYoung = s.ten_minutes.seconds >= s.uptime_seconds - 1;
  const since = isAll.value || isYoung ? "since the start" : `last ${seconds(s.ten_minutes.seconds)}`;
  const note = `· ${since} · ${s.ledger.balances ? "✓ balances to the sample" : "✗ does not balance: please report this"}`;
  const change = !isYoung && <button type="button" class="small" onClick={() => (isAll.value = !isAll.value)}>{isAll.value ? "Last 10 minutes" : "Since the start"}</button>;
  return (
    <Card title="Where every line went" note={note} actions={change}>
      <Drawing l={l} list={list} />
      <ul class="flowlist">
        <li>Datagrams <b>{count(l.datagrams)}</b></li>
        <li class={l.kernel_drops ? "bad" : undefined}>Dropped by the kernel <b>{count(l.kernel_drops)}</b></li>
        <li>Lines <b>{count(l.lines)}</b></li>
        <li>Samples <b>{count(l.samples)}</b></li>
        {list.map((f) => <li key={f.key} class={f.value && f.tone !== "good" ? f.tone : undefined}>{f.title} <span class="soft">{visible(f.note)}</span><b>{count(f.value)}</b></li>)}
      </ul>
      <Rates s={s} />
    </Card>
  );
}

/** Rates are what the drawing shows, a second, now and in the last ten minutes. */
function Rates({ s }: { s: Status }) {
  const { rates } = s;
  const points = history.value?.points ?? {};
  const rows: [string, string, string][] = [
    ["Datagrams", "datagrams", "good"], ["Lines", "lines", "good"], ["Recorded", "recorded", "good"], ["Refused", "refused", "warn"],
    ["Rejected", "rejected", "bad"], ["Dropped", "dropped", "good"], ["Kernel drops", "kernel_drops", "bad"],
  ];
  return (
    <dl class="rates">
      {rows.map(([title, key, tone]) => (
        <div key={key}>
          <dt>{title}</dt><dd>{rate(rates[key])}<span class="soft">/s</span></dd>
          <dd><Spark values={points[key]} tone={rates[key] ? tone : "good"} label={`${title.toLowerCase()} a second in the last ten minutes`} small /></dd>
        </div>
      ))}
    </dl>
  );
}

function Drawing({ l, list }: { l: Status["ledger"]; list: Fate[] }) {
  const f = flow(list, l);
  const label = `${count(l.lines)} lines received: ` + list.map((b) => `${count(b.value)} ${b.title.toLowerCase()}`).join(", ") + `, ${count(l.kernel_drops)} datagrams dropped by the kernel`;
  const ink = (tone: string, value: number) => (value > 0 && tone === "warn" ? "warn-ink" : value > 0 && tone === "bad" ? "bad-ink" : undefined);
  return (
    <svg class="flow" viewBox={`0 0 ${f.width} ${f.height}`} role="img" aria-label={label}>
      {f.bands.map((d) => l.lines > 0 && <path key={d} class="band good" d={d} />)}
      {f.branches.map((b) => b.path && <path key={b.key} class={"band " + b.tone} d={b.path} />)}
      {f.columns.map((c) => <rect key={c.title} class={"box " + (c.value > 0 ? c.box.tone : "none")} x={c.box.x} y={c.box.y} width={c.box.width} height={c.box.height} rx={3} />)}
      {f.branches.map((b) => <rect key={b.key} class={"box " + (b.value > 0 ? b.tone : "none")} x={b.box.x} y={b.box.y} width={b.box.width} height={b.box.height} rx={Math.min(3, b.box.height / 2)} />)}
      <text x="0" y="68">Datagrams</text><text x="0" y="86" class="soft">{count(l.datagrams)}</text>
      {f.columns.slice(1).map((c) => <text key={c.title} x={c.box.x} y={c.box.y - 10}>{c.title} <tspan class="strong">{count(c.value)}</tspan></text>)}
      {f.branches.map((b, i) => (
        <text key={b.key} x={962} y={b.textY + 4 - (i === 0 ? 8 : 0)} class={ink(b.tone, b.value)}>
          {b.title} {count(b.value)}
          {i === 0 ? <tspan x={962} dy={18} class="soft">{b.note}</tspan> : <tspan dx={10} class="soft">{shorten(visible(b.note), 24)}</tspan>}
        </text>
      ))}
      <text x="130" y={24 + 100 + 24} class={l.kernel_drops || l.truncated ? "bad-ink" : "soft"}>dropped by the kernel {count(l.kernel_drops)} · truncated {count(l.truncated)}</text>
    </svg>
  );
}

/** isLimit reports whether a reason is a limit: such samples are refused, not rejected. */
export function isLimit(reason: string): boolean {
  return /^(max|limit)_/.test(reason);
}

/** words is a reason for people: type_conflict is "type conflict". */
export function words(reason: string): string {
  return visible(reason.replaceAll("_", " "));
}

function Busiest({ families, text }: { families: Polled<Families>; text: Signal<string> }) {
  const rows = families.data?.families ?? [];
  return (
    <Card title="Busiest metrics" wide="w7" note={families.data?.sample ? `· rates ${sampled(families.data.sample)}` : undefined}>
      <Find value={text.value} onInput={(v) => (text.value = v)} label="Find a metric: name, part of it, or a*glob" />
      <State of={families} what="the metrics" />
      {families.data && <FamilyTable rows={rows} caption="Busiest metrics" param="busiest" isShort
        empty={text.value ? "No metric matches." : "No metric yet. Send a line: printf 'hello:1|c' | nc -u -w1 127.0.0.1 9125"}
        actions={<a class="small" href={href("metrics", { find: text.value })}>{text.value ? "All that match" : "All metrics"}</a>} />}
    </Card>
  );
}

function Needs({ s, reasons }: { s: Status; reasons: RejectReason[] }) {
  const notes = s.health.notes ?? [];
  return (
    <Card title="Needs a look" wide="w5">
      {notes.length === 0 && <Empty>Nothing. Every line that came was recorded or is accounted for.</Empty>}
      {notes.map((note, i) => <Need key={note.kind + (note.family || note.label || note.reason || i)} note={note} of={reasons.find((r) => r.reason === note.reason)} />)}
    </Card>
  );
}

function Need({ note, of }: { note: Note; of: RejectReason | undefined }) {
  const newest = of?.newest;
  const where = note.section ? href(note.section, note.section === "rejects" ? { reason: note.reason } : {}, note.section === "metrics" ? note.family : "") : "";
  return (
    <div class="need">
      <p><Tag tone={note.level === "bad" ? "b" : "w"}>{visible(note.title)}</Tag> <Sentence text={note.text} names={[note.family, note.label]} />
        {where && <> <a href={where} aria-label={"More on " + visible(note.title)}>more</a></>}</p>
      {note.share ? <Bar share={note.share} label={`${percent(note.share)} of the limit`} /> : null}
      {newest && <Line text={newest.line} offset={newest.offset} isEscaped={newest.line_escaped} isCut={newest.line_truncated} most={120} />}
      {note.fix && note.fix_kind === "line" && newest ? (
        <Fix actions={<><Copy text={explainCommand(newest.line, newest.line_escaped)} label="Copy command" /><a class="small" href={href("test", { line: newest.line })}>Test this line</a></>}>
          {note.text.includes(newest.advice || "?") ? "Test it to see what weir makes of it." : visible(shorten(newest.advice || of?.advice || "", 300))}
        </Fix>
      ) : note.fix && (
        <Fix actions={<>
          {note.fix_kind === "config" && <Copy text={note.fix} label="Copy rule" />}
          {note.fix_kind === "command" && <Copy text={note.fix} label="Copy command" />}
          {note.fix_kind === "line" && <Copy text={note.fix} label="Copy" />}
          {newest && <a class="small" href={href("test", { line: newest.line })}>Test this line</a>}
        </>}>
          {note.fix_kind === "text" || !note.fix_kind ? visible(note.fix) : <code>{visible(shorten(note.fix, 300))}</code>}
        </Fix>
      )}
    </div>
  );
}

/** Sentence shows a text of weir in which the names of families and labels stand out. */
function Sentence({ text, names }: { text: string; names: (string | undefined)[] }) {
  const wanted = names.filter((n): n is string => !!n && n.length > 0);
  const parts: preact.ComponentChildren[] = [];
  let rest = text;
  while (rest) {
    const next = wanted.map((n) => ({ n, at: rest.indexOf(n) })).filter((f) => f.at >= 0).sort((a, b) => a.at - b.at || b.n.length - a.n.length)[0];
    if (!next) break;
    parts.push(visible(rest.slice(0, next.at)), <Name text={next.n} most={60} strong />);
    rest = rest.slice(next.at + next.n.length);
  }
  return <>{parts}{visible(shorten(rest, 600))}</>;
}
