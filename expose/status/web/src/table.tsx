import type { ComponentChildren } from "preact";
import { route, setParams } from "./store.ts";
import { Copy, Empty } from "./ui.tsx";
import { tsv } from "./text.ts";

export type Cell = string | number | null | undefined;

export interface Column<R> {
  key: string;
  title: string;
  value: (row: R) => Cell; // to sort by and to copy
  cell?: (row: R) => ComponentChildren; // to show; the value otherwise
  isNumber?: boolean;
  isWide?: boolean; // hidden on narrow screens
  isName?: boolean; // takes the room that is left
}

export interface Sort {
  key: string;
  isDown: boolean;
}

/** parseSort reads "rate" or "-rate": the minus is for the largest first. */
export function parseSort(text: string | undefined, otherwise: string): Sort {
  const wanted = text || otherwise;
  return { key: wanted.replace(/^-/, ""), isDown: wanted.startsWith("-") };
}

/** compare puts what is not known last, whichever way the table is sorted. */
export function compare(a: Cell, b: Cell, isDown: boolean): number {
  const isGone = (v: Cell) => v === null || v === undefined || v === "";
  if (isGone(a) || isGone(b)) return Number(isGone(a)) - Number(isGone(b));
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : a === b ? 0 : 1;
  return isDown ? -order : order;
}

export function sortRows<R>(rows: readonly R[], columns: Column<R>[], sort: Sort): R[] {
  const column = columns.find((c) => c.key === sort.key);
  if (!column) return [...rows];
  return [...rows].sort((a, b) => compare(column.value(a), column.value(b), sort.isDown));
}

/** Table is a table that sorts by any column and copies itself. Its order is in the address, under the name param. */
export function Table<R>({ caption, columns, rows, rowKey, param = "sort", sort, empty, actions, rowClass }: {
  caption: string;
  columns: Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string | number;
  param?: string;
  sort: string; // at first
  empty: ComponentChildren;
  actions?: ComponentChildren;
  rowClass?: (row: R) => string;
}) {
  const order = parseSort(route.value.params[param], sort);
  const sorted = sortRows(rows, columns, order);
  const choose = (c: Column<R>) => {
    const isSame = order.key === c.key;
    const isDown = isSame ? !order.isDown : c.isNumber === true;
    const next = (isDown ? "-" : "") + c.key;
    setParams({ [param]: next === sort ? undefined : next });
  };
  const copy = () => tsv([columns.map((c) => c.title), ...sorted.map((r) => columns.map((c) => c.value(r)))]);
  const look = (c: Column<R>) => [c.isNumber && "n", c.isName && "nm", c.isWide && "wide"].filter(Boolean).join(" ") || undefined;
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  return (
    <div class="tablebox">
      <div class="scroll" tabIndex={0} role="region" aria-label={caption + ", table"}>
        <table>
          <caption class="hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((c) => (
                <th key={c.key} scope="col" class={look(c)}
                  aria-sort={order.key === c.key ? (order.isDown ? "descending" : "ascending") : undefined}>
                  <button type="button" onClick={() => choose(c)}>
                    {c.title}<span class="arrow" aria-hidden="true">{order.key === c.key ? (order.isDown ? "↓" : "↑") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((r) => (
              <tr key={rowKey(r)} class={rowClass?.(r)}>
                {columns.map((c) => <td key={c.key} class={look(c)}>{c.cell ? c.cell(r) : (c.value(r) ?? "–")}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="foot">{actions}<Copy text={copy} label="Copy table" title="as tab-separated values, in this order" /></div>
    </div>
  );
}
