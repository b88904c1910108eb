// Keys: one at a time, or g and then the letter of a section. They do nothing while somebody types.
import { href, sections } from "./route.ts";
import { isHeld, isHelpOpen, route } from "./store.ts";

export const shortcuts: [string, string][] = [
  ["/", "find"],
  ["t", "live lines"],
  ["p", "stop the page, and go on"],
  ...sections.map((s): [string, string] => ["g " + s.key, s.title]),
  ["?", "these keys"],
  ["Esc", "leave a field, close what is open"],
];

export type Action = { do: "find" | "help" | "hold" | "close" } | { do: "go"; section: string } | { do: "prefix" } | null;

/** actionOf tells what a key means; isPrefixed when g came before it. */
export function actionOf(key: string, isPrefixed: boolean): Action {
  if (key === "Escape") return { do: "close" };
  if (isPrefixed) {
    const section = sections.find((s) => s.key === key);
    return section ? { do: "go", section: section.id } : null;
  }
  switch (key) {
    case "/": return { do: "find" };
    case "?": return { do: "help" };
    case "p": return { do: "hold" };
    case "t": return { do: "go", section: "tail" };
    case "g": return { do: "prefix" };
    default: return null;
  }
}

const prefixLasts = 1500;

export function bindKeys(): () => void {
  let prefixedAt = -Infinity;
  const press = (e: KeyboardEvent) => {
    const target = e.target as HTMLElement | null;
    const isTyping = target?.matches?.("input, textarea, select") ?? false;
    if (e.ctrlKey || e.metaKey || e.altKey || (isTyping && e.key !== "Escape")) return;
    const action = actionOf(e.key, e.timeStamp - prefixedAt < prefixLasts);
    prefixedAt = action?.do === "prefix" ? e.timeStamp : -Infinity;
    if (!action) return;
    if (action.do !== "close") e.preventDefault();
    run(action, target);
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

function run(action: NonNullable<Action>, target: HTMLElement | null): void {
  switch (action.do) {
    case "find": return find();
    case "help": isHelpOpen.value = true; return;
    case "hold": isHeld.value = !isHeld.value; return;
    case "go": location.hash = href(action.section); return;
    case "close":
      if (isHelpOpen.value) isHelpOpen.value = false;
      else if (target?.matches?.("input, textarea, select")) target.blur();
      else if (route.value.item) location.hash = href(route.value.section);
  }
}

/** find puts the cursor into the field of the section, or of the metrics when it has none. */
function find(): void {
  const field = document.querySelector<HTMLInputElement>("[data-find]");
  if (field) {
    field.focus();
    field.select();
    return;
  }
  location.hash = href("metrics");
  setTimeout(() => document.querySelector<HTMLInputElement>("[data-find]")?.focus(), 50);
}
