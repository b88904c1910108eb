// What the whole page shares: the status, which is polled always, the address, and the reader's choices.
import { batch, computed, effect, signal } from "@preact/signals";
import { get, token } from "./api.ts";
import { merge } from "./history.ts";
import { type Link, Poller } from "./poll.ts";
import { type Route, href, parseRoute } from "./route.ts";
import type { History, Status } from "./wire.ts";

export const every = 2_000;

export const status = signal<Status | null>(null);
export const history = signal<History | null>(null);
export const link = signal<Link>({ state: "starting" });
export const route = signal<Route>(parseRoute(location.hash));
export const isHelpOpen = signal(false);
export const isHeld = signal(false); // the reader stopped the page
const isHidden = signal(document.visibilityState === "hidden");

/** isPaused: no poll runs, because nobody looks or the reader wants to read. */
export const isPaused = computed(() => isHeld.value || isHidden.value);

/** now is the time of weir's clock at the last answer; ages are counted from there, never from the reader's clock. */
export const now = computed(() => status.value?.now ?? Date.now() / 1000);

// The last step that the page has; undefined asks for all of them, also after another process has answered.
let since: number | undefined;

export const poller = new Poller<Status>({
  load: (abort) => get<Status>("status", { since }, abort),
  every,
  onData: take,
  onLink: (l) => (link.value = l),
});

function take(next: Status): void {
  const before = status.peek();
  const isSame = before !== null && before.started_at === next.started_at && before.instance === next.instance;
  const merged = merge(history.peek(), next.history, isSame);
  since = isSame || before === null ? merged.seq : undefined;
  batch(() => {
    status.value = next;
    history.value = merged;
  });
}

/** wake asks again now, everywhere: after a token was given. */
export const wakes = signal(0);

export function wake(): void {
  wakes.value++;
  poller.kick();
}

export function signIn(value: string): void {
  token.set(value.trim());
  wake();
}

/** setParams changes parameters of the address; typing replaces the entry in the browser's history. */
export function setParams(change: Record<string, string | undefined>, isNewEntry = false): void {
  const r = route.peek();
  const address = href(r.section, { ...r.params, ...change }, r.item);
  if (isNewEntry) window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
  route.value = parseRoute(location.hash);
}

export type Theme = "auto" | "light" | "dark";
const themeKey = "weir.theme";

function readTheme(): Theme {
  const kept = localStorage.getItem(themeKey);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export const theme = signal<Theme>(readTheme());

export function begin(): void {
  effect(() => {
    if (theme.value === "auto") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(themeKey);
    } else {
      document.documentElement.dataset.theme = theme.value;
      localStorage.setItem(themeKey, theme.value);
    }
  });
  addEventListener("hashchange", () => (route.value = parseRoute(location.hash)));
  document.addEventListener("visibilitychange", () => (isHidden.value = document.visibilityState === "hidden"));
  effect(() => (isPaused.value ? poller.pause() : poller.resume()));
  poller.start();
}
