import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count, plural } from "./format.ts";

/** usePages keeps the cursors of the pages that were read, so that there is a way back. It begins again when key changes. */
export function usePages(key: string) {
  const cursors = useSignal<string[]>([]);
  const of = useSignal(key);
  useEffect(() => {
    if (of.peek() === key) return;
    of.value = key;
    cursors.value = [];
  }, [key]);
  const isFresh = of.value === key;
  const list = isFresh ? cursors.value : [];
  return {
    after: list.at(-1),
    page: list.length,
    next: (cursor: string) => (cursors.value = [...list, cursor]),
    back: () => (cursors.value = list.slice(0, -1)),
    first: () => (cursors.value = []),
  };
}

export type Pages = ReturnType<typeof usePages>;

/** Pager says which rows are shown and turns the page; there is never more than one page in the document. */
export function Pager({ pages, size, rows, total, next, noun }: {
  pages: Pages; size: number; rows: number; total: number | undefined; next: string | undefined; noun: string;
}) {
  const from = pages.page * size;
  if (pages.page === 0 && !next) return <span class="page">{plural(total ?? rows, noun.replace(/([^e])s$/, "$1"), noun)}</span>;
  return (
    <span class="page">
      {count(from + 1)} to {count(from + rows)}{total !== undefined && ` of ${count(total)}`} {noun}
      <button type="button" class="small" disabled={pages.page === 0} onClick={pages.first}>First</button>
      <button type="button" class="small" disabled={pages.page === 0} onClick={pages.back}>Previous</button>
      <button type="button" class="small" disabled={!next} onClick={() => next && pages.next(next)}>Next</button>
    </span>
  );
}
