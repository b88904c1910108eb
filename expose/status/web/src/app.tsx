import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { token } from "./api.ts";
import { ago, clock, plural, seconds } from "./format.ts";
import { bindKeys, shortcuts } from "./keys.ts";
import { Announcer } from "./live.ts";
import { sections, href } from "./route.ts";
import { Configuration } from "./sections/config.tsx";
import { Labels } from "./sections/labels.tsx";
import { Listeners } from "./sections/listeners.tsx";
import { Metrics } from "./sections/metrics.tsx";
import { Metric } from "./sections/metric.tsx";
import { Overview } from "./sections/overview.tsx";
import { Rejects } from "./sections/rejects.tsx";
import { Rules } from "./sections/rules.tsx";
import { Scrapers } from "./sections/scrapers.tsx";
import { Senders } from "./sections/senders.tsx";
import { Tail } from "./sections/tail.tsx";
import { Tester } from "./sections/test.tsx";
import { isHeld, isHelpOpen, link, now, route, signIn, status, theme, wake } from "./store.ts";
import { shorten, visible } from "./text.ts";
import { capital } from "./ui.tsx";

export function App() {
  useEffect(bindKeys, []);
  const isOld = link.value.state === "unreachable" && status.value !== null;
  return (
    <div class={isOld ? "old" : undefined}>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>To the content</a>
      <header class="bar1">
        <Header />
        <Nav />
        <Banner />
      </header>
      <main id="main" tabIndex={-1}><Title /><Body /></main>
      <Live />
      <Help />
    </div>
  );
}

function Body() {
  const l = link.value;
  if (l.state === "locked") return <Login text={l.text} />;
  if (l.state === "forbidden" && token.get()) return <Login text={l.text} />;
  if (l.state === "forbidden" && status.value === null) return <Refused text={l.text} />;
  const { section, item } = route.value;
  switch (section) {
    case "metrics": return item ? <Metric key={item} name={item} /> : <Metrics />;
    case "labels": return <Labels />;
    case "rejects": return <Rejects />;
    case "tail": return <Tail />;
    case "test": return <Tester />;
    case "senders": return <Senders />;
    case "listeners": return <Listeners />;
    case "scrapers": return <Scrapers />;
    case "rules": return <Rules />;
    case "config": return <Configuration />;
    default: return <Overview />;
  }
}

/** headline is the state of weir in words, and how bad it is. */
export function headline(): { level: string; text: string } {
  const l = link.value;
  const s = status.value;
  switch (l.state) {
    case "unreachable": return { level: "bad", text: "weir does not answer" };
    case "locked": return { level: "look", text: "weir asks for a token" };
    case "forbidden": return { level: "bad", text: "weir refuses to show its state" };
    case "failed": return { level: "bad", text: shorten(capital(l.text), 120) };
  }
  if (!s) return { level: "ok", text: "asking weir …" };
  return { level: s.health.level, text: visible(s.health.text) };
}

function Header() {
  const { level, text } = headline();
  const s = status.value;
  return (
    <div class="top">
      <b><a href={href("overview")}>weir</a></b>
      <span class={"pill " + level} id="health">{text}</span>
      {s && <Meta />}
      <span class="tools">
        <button type="button" aria-pressed={isHeld.value} title="Stop and go on (p)" onClick={() => (isHeld.value = !isHeld.value)}>
          {isHeld.value ? "Go on" : "Stop"}
        </button>
        <button type="button" onClick={nextTheme} title={`Colours: ${theme.value}`} aria-label={`Colours: ${theme.value}; change`}>
          <span aria-hidden="true">◐ </span>{{ auto: "Auto", light: "Light", dark: "Dark" }[theme.value]}
        </button>
        <button type="button" aria-label="Help on keys" title="Help (?)" onClick={() => (isHelpOpen.value = true)}>?</button>
        {token.get() && <button type="button" title="Forget the token of this tab" onClick={() => { token.clear(); location.reload(); }}>Sign out</button>}
      </span>
    </div>
  );
}

function nextTheme(): void {
  theme.value = theme.value === "auto" ? "light" : theme.value === "light" ? "dark" : "auto";
}

function Meta() {
  const s = status.value!;
  const scrape = s.last_scrape;
  return (
    <span class="meta">
      <span title="this host">{visible(shorten(s.instance, 60))}</span>
      <span title={s.revision}>{visible(s.version)}</span>
      <span title={"since " + clock(s.started_at, 0)}>up {seconds(s.uptime_seconds)}</span>
      <span>{scrape ? `last scrape ${ago(scrape.at, s.now)} by ${visible(shorten(scrape.peer, 45))}` : "not scraped yet"}</span>
      {s.reload && (s.reload.ok ? <span>reload ok</span> : <a class="b" href={href("config")}>reload failed</a>)}
      {!s.ready && <span class="b">not ready</span>}
    </span>
  );
}

function Nav() {
  const counts: Record<string, number> = {};
  for (const note of status.value?.health.notes ?? []) {
    if (note.section) counts[note.section] = (counts[note.section] ?? 0) + 1;
  }
  const nav = useRef<HTMLElement>(null);
  useEffect(() => nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }), [route.value.section]);
  return (
    <nav aria-label="Sections" ref={nav}>
      {sections.map((s) => (
        <a key={s.id} href={href(s.id)} aria-current={route.value.section === s.id ? "page" : undefined}>
          {s.title}{counts[s.id] ? <> <i aria-label={plural(counts[s.id]!, "thing") + " to look at"}>{counts[s.id]}</i></> : null}
        </a>
      ))}
    </nav>
  );
}

function Banner() {
  const l = link.value;
  if (isHeld.value) return <div class="banner calm">The page is stopped, weir goes on. Press p, or Go on, to see what is new.</div>;
  if (l.state === "unreachable") {
    const s = status.value;
    return (
      <div class="banner" id="unreachable">
        weir does not answer since {clock(l.since / 1000, Date.now() / 1000, true)}: it restarts, or the network is down. The page tries again by itself.
        {s && ` What you see is from ${clock(s.now, s.now, true)}.`}
      </div>
    );
  }
  if (l.state === "slowed") return <div class="banner calm">Too many requests: the page waits a moment.</div>;
  if (l.state === "forbidden" && status.value) return <div class="banner">{capital(l.text)}</div>;
  return null;
}

/** Title names what is shown in the title of the tab, for the browser's history. */
function Title() {
  const r = route.value;
  const section = sections.find((s) => s.id === r.section)?.title ?? "";
  const host = status.value ? " · " + shorten(visible(status.value.instance), 40) : "";
  useEffect(() => {
    document.title = (r.item ? shorten(visible(r.item), 60) : section) + " · weir" + host;
  });
  return <h1 class="hidden">{"weir: " + section}</h1>;
}

const said = signal("");
const announcer = new Announcer((text) => (said.value = text));

/** Live tells readers who do not see the page when the state changes; at most once in ten seconds. */
function Live() {
  const { level, text } = headline();
  const rough = text.replace(/[\d][\d,.]*/g, "#"); // numbers change always
  useEffect(() => announcer.say(rough + level, text), [rough, level]);
  return <div class="hidden" aria-live="polite" id="live">{said.value}</div>;
}

function Login({ text }: { text: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const isWrong = token.get() !== "";
  return (
    <section class="card login" aria-label="Sign in">
      <p class="title">{isWrong ? "This token does not open the page" : "weir asks for a token"}</p>
      <p>{isWrong ? capital(text) : "Give a bearer token with the scope for the status page (status:read, unless the configuration names another)."}</p>
      <form onSubmit={(e) => { e.preventDefault(); signIn(field.current?.value ?? ""); }}>
        <input ref={field} type="password" name="token" aria-label="Token" autocomplete="off" required spellcheck={false} />
        <button type="submit" class="primary">Open</button>
      </form>
      <p class="soft">The token stays in this tab and is gone when you close it. It is sent to this weir only.</p>
    </section>
  );
}

function Refused({ text }: { text: string }) {
  return (
    <section class="card login" aria-label="Not allowed">
      <p class="title">weir does not show this to you</p>
      <p>{capital(text)}</p>
      <p class="actions"><button type="button" class="small" onClick={wake}>Try again</button></p>
    </section>
  );
}

function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} onClose={() => (isHelpOpen.value = false)} aria-labelledby="help-title">
      <div class="head"><h2 id="help-title">Keys</h2><button type="button" class="small" onClick={() => (isHelpOpen.value = false)}>Close</button></div>
      <table><tbody>
        {shortcuts.map(([keys, what]) => <tr key={keys}><td class="nowrap">{keys.split(" ").map((k) => <kbd key={k}>{k}</kbd>)}</td><td>{what}</td></tr>)}
      </tbody></table>
      <p class="soft">Rates are those of the last ten seconds. Charts show ten minutes. Times are those of your zone; ages are counted by weir's clock{status.value ? `, which reads ${clock(now.value, now.value, true)}` : ""}.</p>
    </dialog>
  );
}
