import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, post } from "../api.ts";
import { count } from "../format.ts";
import { href } from "../route.ts";
import { link, route, setParams } from "../store.ts";
import { explainCommand, shorten, visible } from "../text.ts";
import { Card, Copy, Empty, Line, Name, Tag, capital } from "../ui.tsx";
import type { ExplainLine, ExplainSample } from "../wire.ts";
import { words } from "./overview.tsx";

const examples = ["checkout.requests:1|c|#method:get,status:200", "db.time:12.5|ms", "queue.depth:7|g", "users:alice|s"];
const maxBytes = 8192;

/** Tester explains lines as the running weir would take them; nothing is recorded. */
export function Tester() {
  const text = useSignal(route.value.params.line ?? "");
  const answer = useSignal<ExplainLine[] | null>(null);
  const error = useSignal("");
  const isAsking = useSignal(false);
  const given = route.value.params.line ?? "";
  const explain = async (line: string) => {
    if (!line.trim() || isAsking.peek()) return;
    isAsking.value = true;
    setParams({ line: line.length <= 1000 ? line : undefined });
    try {
      answer.value = (await post<{ lines: ExplainLine[] }>("explain", { line })).lines;
      error.value = "";
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      error.value = cause.kind === "unreachable" ? "weir does not answer." : capital(cause.message);
      if (cause.kind === "locked") link.value = { state: "locked", text: cause.message };
    }
    isAsking.value = false;
  };
  useEffect(() => {
    text.value = given;
    if (given) void explain(given);
  }, [given]);
  const size = new TextEncoder().encode(text.value).length;
  return (
    <>
      <Card title="Test a line" note="· nothing is recorded" actions={<Copy text={() => explainCommand(text.peek())} label="Copy command" title="weir explain '…' for a terminal" />}>
        <form onSubmit={(e) => { e.preventDefault(); void explain(text.peek()); }}>
          <textarea rows={4} value={text.value} aria-label="Lines to test, one on each line" data-find="" spellcheck={false} placeholder={examples[0]}
            onInput={(e) => (text.value = e.currentTarget.value)}
            onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void explain(text.peek()); } }} />
          <div class="foot">
            <span class="page">{examples.map((x) => <button type="button" class="small mono" key={x} onClick={() => { text.value = x; void explain(x); }}>{shorten(x, 22)}</button>)}</span>
            {size > maxBytes && <span class="state warn">{count(size)} bytes; at most {count(maxBytes)} can be tested</span>}
            <button type="submit" class="primary" disabled={size > maxBytes}>Explain</button>
          </div>
        </form>
        {error.value && <p class="state warn">{error.value}</p>}
      </Card>
      {answer.value && (
        <Card title="What weir makes of it">
          {answer.value.length === 0 && <Empty>There is no line in it.</Empty>}
          {answer.value.map((l, i) => <Result key={i} l={l} />)}
        </Card>
      )}
    </>
  );
}

function Result({ l }: { l: ExplainLine }) {
  const samples = l.samples ?? [];
  const wrong = samples.find((s) => s.rejected && s.offset !== undefined && s.offset !== null);
  return (
    <div class="result">
      <Line text={l.line} offset={wrong?.offset ?? -1} most={600} />
      {l.hint && <p class="state warn">{capital(l.hint)}</p>}
      {samples.length === 0 && <p class="soft">No sample is in this line.</p>}
      {samples.map((s, i) => <Sample key={i} s={s} title={samples.length > 1 ? `Sample ${i + 1} of ${samples.length}: ` : ""} />)}
      {(l.fields_ignored ?? 0) > 0 && <p class="soft">{count(l.fields_ignored)} fields are ignored.</p>}
      {(l.rates_ignored ?? 0) > 0 && <p class="soft">{count(l.rates_ignored)} sampling rates are ignored.</p>}
    </div>
  );
}

function fate(s: ExplainSample) {
  if (s.rejected) return <Tag tone="b">rejected: {words(s.rejected)}</Tag>;
  if (s.rule?.action === "drop") return <Tag tone="c">dropped by a rule</Tag>;
  return <Tag tone="g">{visible(s.type ?? "recorded")}</Tag>;
}

function Sample({ s, title }: { s: ExplainSample; title: string }) {
  const rows: [string, preact.ComponentChildren][] = [];
  const add = (key: string, value: preact.ComponentChildren) => rows.push([key, value]);
  if (s.name) add("name", <Name text={s.name} most={200} />);
  if (s.kind) add("value", <><Name text={s.value ?? ""} /> <span class="soft">kind {visible(s.kind)}{s.meaning ? `: ${visible(s.meaning)}` : ""}</span></>);
  if (s.rate) add("rate", <>{s.rate} <span class="soft">each stands for {count(1 / s.rate)}</span></>);
  if (s.tags?.length) add("tags", <>{s.tags.map((t, i) => <span key={i}>{i > 0 && ", "}<Name text={t.key} most={60} />{t.value !== null && <>=<Name text={t.value} most={100} /></>}</span>)} {s.dialect && <span class="soft">written as {visible(s.dialect)} does</span>}</>);
  if (s.tried?.length) add("rules", <Tried s={s} />);
  if (s.rule) add("rule", <>{visible(`${s.rule.file}:${s.rule.line}`)} <Name text={s.rule.match} /> <span class="soft">{s.rule.action === "drop" ? "drops it" : "matches"}</span></>);
  else if (s.name && !s.rejected) add("rule", <span class="soft">none matches</span>);
  if (s.changed) add("changed", visible(s.changed));
  if (s.series) add("series", <a href={href("metrics", {}, s.family ?? "")}><Name text={s.series} most={300} /></a>);
  if (s.no_labels?.length) add("no label", visible(s.no_labels.join(", ")));
  if (s.bare_tags?.length) add("bare tags", <>{visible(s.bare_tags.join(", "))} <span class="soft">have no value and are dropped</span></>);
  if (s.exemplar) add("exemplar", <Name text={s.exemplar} />);
  if (s.advice) add("what to do", <b>{visible(s.advice)}</b>);
  return (
    <div class="sample">
      <p>{title}{fate(s)}{(s.lost ?? 0) > 1 && <span class="soft"> {count(s.lost)} values together</span>}</p>
      <ul class="tree">{rows.map(([key, value]) => <li key={key}><span class="k">{key}</span> {value}</li>)}</ul>
    </div>
  );
}

function Tried({ s }: { s: ExplainSample }) {
  const isOpen = useSignal(false);
  const tried = s.tried ?? [];
  return (
    <>
      {tried.length === 1 ? "1 rule" : `${tried.length} rules`} before did not match <button type="button" class="more" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>{isOpen.value ? "hide" : "why"}</button>
      {isOpen.value && <ul class="tree">{tried.map((t, i) => <li key={i}>{visible(`${t.file}:${t.line}`)} <Name text={t.match} /> <span class="soft">{visible(t.reason)}</span></li>)}</ul>}
    </>
  );
}
