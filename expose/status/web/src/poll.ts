// Polling: one request at a time, the next some time after the answer. What can go wrong has a state of its own, with its
// own pause, so that the page can say what is the matter and weir is not asked more than it wants.
import { ApiError } from "./api.ts";

export type Link =
  | { state: "starting" }
  | { state: "live"; at: number }
  | { state: "paused" }
  | { state: "unreachable"; since: number; tries: number }
  | { state: "locked"; text: string } // asks for a token
  | { state: "forbidden"; text: string }
  | { state: "slowed"; until: number }
  | { state: "failed"; text: string };

/** Clock is the time in milliseconds, and a timer. */
export interface Clock {
  now(): number;
  after(ms: number, call: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const id = setTimeout(call, ms);
    return () => clearTimeout(id);
  },
};

export interface PollOptions<T> {
  load: (signal: AbortSignal) => Promise<T>;
  every: number; // ms after an answer
  onData: (data: T) => void;
  onLink: (link: Link) => void;
  clock?: Clock;
}

const maxRetry = 5_000;
const maxSlowed = 60_000;
const failedPause = 10_000;
const forbiddenPause = 30_000;

export class Poller<T> {
  link: Link = { state: "starting" };
  private readonly clock: Clock;
  private cancelTimer: (() => void) | null = null;
  private request: AbortController | null = null;
  private isPaused = false;
  private isStopped = true;
  private slowedTries = 0;

  constructor(private readonly options: PollOptions<T>) {
    this.clock = options.clock ?? realClock;
  }

  start(): void {
    this.isStopped = false;
    if (!this.isPaused) void this.ask();
  }

  /** stop ends the polling and the request under way; nothing is called any more. */
  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.cancel();
    if (!this.isStopped) this.enter({ state: "paused" });
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (!this.isStopped) void this.ask();
  }

  /** kick asks now: after a token was given, or by the reader's wish. */
  kick(): void {
    if (this.isStopped || this.isPaused) return;
    this.cancel();
    void this.ask();
  }

  private cancel(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.request?.abort();
    this.request = null;
  }

  private async ask(): Promise<void> {
    const request = new AbortController();
    this.request = request;
    try {
      const data = await this.options.load(request.signal);
      if (this.request !== request) return;
      this.slowedTries = 0;
      this.enter({ state: "live", at: this.clock.now() });
      this.options.onData(data);
      this.again(this.options.every);
    } catch (cause) {
      if (this.request !== request) return;
      this.fail(cause);
    }
  }

  private fail(cause: unknown): void {
    if (!(cause instanceof ApiError)) throw cause;
    const now = this.clock.now();
    switch (cause.kind) {
      case "locked": // asks no more until kick
        this.enter({ state: "locked", text: cause.message });
        return;
      case "forbidden":
        this.enter({ state: "forbidden", text: cause.message });
        return this.again(forbiddenPause);
      case "slow": {
        this.slowedTries++;
        const wanted = (cause.retryAfter ?? 1) * 1000 * 2 ** (this.slowedTries - 1);
        const pause = Math.min(Math.max(wanted, this.options.every), maxSlowed);
        this.enter({ state: "slowed", until: now + pause });
        return this.again(pause);
      }
      case "unreachable": {
        const before = this.link.state === "unreachable" ? this.link : { since: now, tries: 0 };
        const tries = before.tries + 1;
        this.enter({ state: "unreachable", since: before.since, tries });
        return this.again(Math.min(500 * 2 ** (tries - 1), maxRetry));
      }
      case "failed":
        this.enter({ state: "failed", text: cause.message });
        return this.again(failedPause);
    }
  }

  private again(pause: number): void {
    this.cancelTimer?.();
    this.cancelTimer = this.clock.after(pause, () => void this.ask());
  }

  private enter(link: Link): void {
    this.link = link;
    this.options.onLink(link);
  }
}
