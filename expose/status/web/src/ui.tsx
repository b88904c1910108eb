import { type ComponentChildren, Fragment } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Polled } from "./hooks.ts";
import { seconds } from "./format.ts";
import { isPaused, now } from "./store.ts";
import { areaPath, linePath, pad } from "./spark.ts";
import { mark, pieces, shorten, visible } from "./text.ts";

/** Text shows what a sender wrote; characters without a shape are escapes in another colour. */
export function Text({ text }: { text: string }) {
  return <>{pieces(text).map((p) => (p.isEscape ? <span class="esc">{p.text}</span> : <Fragment>{p.text}</Fragment>))}</>;
}

const titleMost = 1000;

/** Name shows a name in the letters of code. A long one is cut and opens by a button. */
export function Name({ text, most = 80, strong = false }: { text: string; most?: number; strong?: boolean }) {
  const isOpen = useSignal(false);
  const look = "mono" + (strong ? " strong" : "");
  if (text.length <= most) return <span class={look}><Text text={text} /></span>;
  return (
    <span class={look + (isOpen.value ? " long" : "")} title={isOpen.value ? undefined : visible(shorten(text, titleMost))}>
      <Text text={isOpen.value ? text : shorten(text, most)} />
      <button type="button" class="more" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        {isOpen.value ? "less" : `all ${text.length.toLocaleString("en")} characters`}
      </button>
    </span>
  );
}

/** Line shows a line with the wrong part marked; an offset below zero marks nothing. */
export function Line({ text, offset = -1, isEscaped, isCut, most = 240 }: {
  text: string; offset?: number; isEscaped?: boolean; isCut?: boolean; most?: number;
}) {
  if (offset < 0) return <code class="line"><Name text={text} most={most} />{isCut && <i class="soft"> …</i>}</code>;
  const m = mark(text, offset, isEscaped);
  return (
    <code class="line">
      <Text text={keepEnd(m.before, most)} />
      <mark>{m.wrong ? <Text text={shorten(m.wrong, most)} /> : <span class="gone" title="something is missing here">␣</span>}</mark>
      <Text text={shorten(m.after, most)} />
      {isCut && <i class="soft"> …</i>}
    </code>
  );
}

function keepEnd(text: string, most: number): string {
  return text.length <= most ? text : "…" + text.slice(text.length - most + 1).replace(/^[\udc00-\udfff]/, "");
}

export function Tag({ tone, children }: { tone: "g" | "w" | "b" | "c"; children: ComponentChildren }) {
  return <span class={"tag " + tone}>{children}</span>;
}

export function Card({ title, note, wide = "w12", actions, children, tag }: {
  title: string; note?: ComponentChildren; wide?: string; actions?: ComponentChildren; children: ComponentChildren; tag?: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={"card " + wide} aria-labelledby={id}>
      <div class="head">
        <h2 id={id}>{title}</h2>
        {tag}
        {note && <small>{note}</small>}
        {actions && <span class="actions">{actions}</span>}
      </div>
      {children}
    </section>
  );
}

/** Copy puts a text on the clipboard and says so for a moment. */
export function Copy({ text, label = "Copy", title }: { text: string | (() => string); label?: string; title?: string }) {
  const said = useSignal("");
  const copy = async () => {
    const value = typeof text === "string" ? text : text();
    said.value = (await write(value)) ? "Copied" : "Not allowed";
    setTimeout(() => (said.value = ""), 1500);
  };
  return <button type="button" class="small" title={title} onClick={copy}>{said.value || label}</button>;
}

/** write copies a text; pages that did not come by TLS or from this host have no clipboard, so a hidden field helps. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "hidden";
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    return isDone;
  }
}

/** Bar shows how much of a whole is used; it is hot from nine tenths on. */
export function Bar({ share, label }: { share: number; label: string }) {
  const part = Math.min(Math.max(Number.isFinite(share) ? share : 0, 0), 1);
  return (
    <svg class={"bar" + (part >= 0.9 ? " hot" : "")} viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="all" width="100" height="6" />
      <rect class="part" width={part > 0 ? Math.max(part * 100, 1) : 0} height="6" />
    </svg>
  );
}

const steps = 120;

/** Spark is a small chart of the last ten minutes, without axes: the number stands beside it. */
export function Spark({ values, label, tone = "good", area = false, small = false, top }: {
  values: readonly number[] | null | undefined; label: string; tone?: string; area?: boolean; small?: boolean; top?: number;
}) {
  const [width, height] = small ? [90, 18] : [240, 40];
  const points = pad(values, steps);
  return (
    <svg class={`spark ${tone}` + (small ? " mini" : "")} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {area && <path class="area" d={areaPath(points, width, height, top)} />}
      <path class="stroke" d={linePath(points, width, height, top)} />
    </svg>
  );
}

/** Fix shows what to do, with what helps to do it. */
export function Fix({ children, actions }: { children: ComponentChildren; actions?: ComponentChildren }) {
  return <div class="fix"><span class="what">{children}</span>{actions && <span class="actions">{actions}</span>}</div>;
}

/** State says why a part of the page has no data, or no fresh ones; nothing when all is well. */
export function State({ of, what }: { of: Polled<unknown>; what: string }) {
  const text = stateText(of, what);
  if (!text) return null;
  return <p class={"state" + (of.link.state === "starting" ? "" : " warn")}>{text}</p>;
}

function stateText({ data, link }: Polled<unknown>, what: string): string {
  switch (link.state) {
    case "starting":
      return data === null ? `Reading ${what} …` : "";
    case "paused":
      return data === null && isPaused.value ? "The page is stopped. Press p to go on." : "";
    case "live":
      return "";
    case "unreachable":
      return data === null ? "weir does not answer." : ""; // the banner says it
    case "locked":
    case "forbidden":
    case "failed":
      return capital(link.text);
    case "slowed":
      return `Too many requests: the page waits ${seconds(Math.max(1, Math.round((link.until - Date.now()) / 1000)))}.`;
  }
}

/** capital makes a message a sentence. Names at its beginning, such as keys, stay as they are. */
export function capital(text: string): string {
  const shown = visible(text);
  const isName = !/^[a-z]+[ ,]/.test(shown) || shown.startsWith("weir ");
  return (isName ? shown : shown.charAt(0).toUpperCase() + shown.slice(1)) + (/[.!?…]$/.test(shown) ? "" : ".");
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Find is a field for a part of a name or a glob; / puts the cursor there. */
export function Find({ value, onInput, label, children }: {
  value: string; onInput: (value: string) => void; label: string; children?: ComponentChildren;
}) {
  return (
    <div class="find">
      <input type="search" value={value} placeholder={label} aria-label={label} autocomplete="off" spellcheck={false}
        maxLength={8192} data-find="" onInput={(e) => onInput(e.currentTarget.value)} />
      <kbd title="the key / puts the cursor here">/</kbd>
      {children}
    </div>
  );
}

/** Tabs choose one of a few. */
export function Tabs({ value, options, onChange, label }: {
  value: string; options: [string, string][]; onChange: (value: string) => void; label: string;
}) {
  return (
    <span class="tabs" role="group" aria-label={label}>
      {options.map(([id, title]) => (
        <button type="button" key={id} aria-pressed={id === value} onClick={() => onChange(id)}>{title}</button>
      ))}
    </span>
  );
}

/** Facts is a list of facts with their titles. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return <dl class="facts">{rows.map(([title, value]) => <div key={title}><dt>{title}</dt><dd>{value}</dd></div>)}</dl>;
}

/** useFocusOnce puts the cursor into an element when it comes. */
export function useFocusOnce<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  useEffect(() => ref.current?.focus(), []);
  return ref;
}

export { now };
