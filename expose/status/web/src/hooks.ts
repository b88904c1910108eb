import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type Params, get } from "./api.ts";
import { type Link, Poller } from "./poll.ts";
import { every, isPaused, wakes } from "./store.ts";

export interface Polled<T> {
  data: T | null;
  link: Link;
  isOld: boolean; // data is that of other parameters, for the moment
}

/** usePoll asks for a path every two seconds while its component is shown. When path or parameters change it asks again at
 * once, and shows the former answer until the next is there. */
export function usePoll<T>(path: string, params: Params = {}, pause = every): Polled<T> {
  const key = path + JSON.stringify(params);
  const state = useSignal<{ key: string; data: T | null; link: Link }>({ key, data: null, link: { state: "starting" } });
  const isLate = useSignal(false);
  const poller = useMemo(
    () =>
      new Poller<T>({
        load: (abort) => get<T>(path, params, abort),
        every: pause,
        onData: (data) => {
          state.value = { key, data, link: state.peek().link };
          isLate.value = false;
        },
        onLink: (link) => (state.value = { ...state.peek(), link }),
      }),
    [key, pause],
  );
  useEffect(() => {
    isLate.value = state.peek().key !== key;
    if (isPaused.peek()) poller.pause();
    poller.start();
    return () => poller.stop();
  }, [poller]);
  const current = useRef(poller);
  current.current = poller;
  useSignalEffect(() => (isPaused.value ? current.current.pause() : current.current.resume()));
  useSignalEffect(() => {
    if (wakes.value > 0) current.current.kick();
  });
  return { data: state.value.data, link: state.value.link, isOld: isLate.value };
}

/** useDebounced is the value that a signal has had for a while. */
export function useDebounced(source: string, ms = 200): string {
  const settled = useSignal(source);
  useEffect(() => {
    const id = setTimeout(() => (settled.value = source), ms);
    return () => clearTimeout(id);
  }, [source, ms]);
  return settled.value;
}

export type { Signal };
export { useComputed, useSignal };
