import { type Clock, realClock } from "./poll.ts";

const pause = 10_000;

/** Announcer passes on what is to be read aloud: only changes, and at most one in ten seconds; the newest wins. */
export class Announcer {
  private last = "";
  private spokeAt = -Infinity;
  private waiting: (() => void) | null = null;

  constructor(private readonly speak: (text: string) => void, private readonly clock: Clock = realClock) {}

  /** say announces text when key differs from that of the last announcement. */
  say(key: string, text: string): void {
    this.waiting?.();
    this.waiting = null;
    if (key === this.last) return;
    const wait = this.spokeAt + pause - this.clock.now();
    if (wait > 0) {
      this.waiting = this.clock.after(wait, () => this.out(key, text));
      return;
    }
    this.out(key, text);
  }

  private out(key: string, text: string): void {
    this.waiting = null;
    this.last = key;
    this.spokeAt = this.clock.now();
    this.speak(text);
  }
}
