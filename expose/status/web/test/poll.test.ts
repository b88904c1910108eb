import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, address, problemOf, readAnswer } from "../src/api.ts";
import { Announcer } from "../src/live.ts";
import { type Clock, type Link, Poller } from "../src/poll.ts";
import { keep } from "../src/tailing.ts";

/** Time is a clock that goes on when the test says so. */
class Time implements Clock {
  private ms = 0;
  private timers: { at: number; call: () => void }[] = [];
  now = () => this.ms;
  after = (ms: number, call: () => void) => {
    const timer = { at: this.ms + ms, call };
    this.timers.push(timer);
    return () => { this.timers = this.timers.filter((t) => t !== timer); };
  };
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      await settle();
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.ms = next.at;
      next.call();
    }
    this.ms = end;
    await settle();
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

function polling(answers: (number | ApiError)[]) {
  const time = new Time();
  const asked: number[] = [];
  const data: number[] = [];
  const links: Link[] = [];
  const poller = new Poller<number>({
    load: async () => {
      asked.push(time.now());
      const next = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (next instanceof ApiError) throw next;
      return next;
    },
    every: 2000, onData: (d) => data.push(d), onLink: (l) => links.push(l), clock: time,
  });
  return { time, asked, data, links, poller };
}

test("asks again two seconds after an answer", async () => {
  const p = polling([1, 2, 3]);
  p.poller.start();
  await p.time.pass(4500);
  assert.deepEqual(p.asked, [0, 2000, 4000]);
  assert.deepEqual(p.data, [1, 2, 3]);
  assert.deepEqual(p.poller.link, { state: "live", at: 4000 });
});

test("rests while it is paused, and asks at once when it goes on", async () => {
  const p = polling([1]);
  p.poller.start();
  await p.time.pass(500);
  p.poller.pause();
  assert.equal(p.poller.link.state, "paused");
  await p.time.pass(60_000);
  assert.equal(p.asked.length, 1);
  p.poller.resume();
  await p.time.pass(0);
  assert.deepEqual(p.asked, [0, 60_500]);
});

test("a poll that was paused before its start asks only when it goes on", async () => {
  const p = polling([1]);
  p.poller.pause();
  p.poller.start();
  await p.time.pass(9000);
  assert.equal(p.asked.length, 0);
  p.poller.resume();
  await p.time.pass(0);
  assert.equal(p.asked.length, 1);
});

test("tries again soon when weir does not answer, then less often, and says since when", async () => {
  const gone = new ApiError("unreachable", "");
  const p = polling([1, gone, gone, gone, gone, gone, gone, 2]);
  p.poller.start();
  await p.time.pass(2000);
  assert.deepEqual(p.poller.link, { state: "unreachable", since: 2000, tries: 1 });
  await p.time.pass(30_000);
  assert.deepEqual(p.asked.slice(0, 8), [0, 2000, 2500, 3500, 5500, 9500, 14_500, 19_500]);
  assert.equal(p.poller.link.state, "live");
  const since = p.links.filter((l) => l.state === "unreachable").map((l) => (l as { since: number }).since);
  assert.deepEqual([...new Set(since)], [2000]);
});

test("a closed page waits for a token", async () => {
  const p = polling([new ApiError("locked", "a token is needed"), 1]);
  p.poller.start();
  await p.time.pass(600_000);
  assert.equal(p.asked.length, 1);
  assert.deepEqual(p.poller.link, { state: "locked", text: "a token is needed" });
  p.poller.kick();
  await p.time.pass(0);
  assert.deepEqual(p.data, [1]);
});

test("too many requests: waits as long as weir says, twice as long the next time", async () => {
  const slow = new ApiError("slow", "", 429, 3);
  const p = polling([slow, slow, 1]);
  p.poller.start();
  await p.time.pass(9000);
  assert.deepEqual(p.asked, [0, 3000, 9000]);
  assert.deepEqual(p.links.slice(0, 2), [{ state: "slowed", until: 3000 }, { state: "slowed", until: 9000 }]);
});

test("what is forbidden or failed is asked for seldom", async () => {
  const p = polling([new ApiError("forbidden", "endpoint.status is loopback"), new ApiError("failed", "bad"), 1]);
  p.poller.start();
  await p.time.pass(40_000);
  assert.deepEqual(p.asked, [0, 30_000, 40_000]);
  assert.deepEqual(p.links.map((l) => l.state), ["forbidden", "failed", "live"]);
});

test("nothing comes after stop, even from a request under way", async () => {
  const time = new Time();
  let answer: (n: number) => void = () => {};
  const data: number[] = [];
  const poller = new Poller<number>({ load: () => new Promise((r) => (answer = r)), every: 1, onData: (d) => data.push(d), onLink: () => {}, clock: time });
  poller.start();
  poller.stop();
  answer(1);
  await time.pass(100);
  assert.deepEqual(data, []);
});

test("addresses are below the page, and empty parameters are left out", () => {
  assert.equal(address("https://proxy.test/a/weir/?x#y", "status"), "https://proxy.test/a/weir/api/v1/status");
  assert.equal(address("http://h/", "families", { match: "a b&c", after: "", own: true, rejected: false, limit: 0, since: null }), "http://h/api/v1/families?match=a+b%26c&own=1&limit=0");
});

test("answers are data or say what happened", async () => {
  const read = (status: number, body: string, headers = {}) => readAnswer(new Response(body, { status, headers }));
  assert.deepEqual(await read(200, '{"status":"success","data":{"a":1}}'), { a: 1 });
  const problem = async (status: number, body: string, headers = {}) => {
    const e = await read(status, body, headers).then(() => assert.fail("no error"), (e: unknown) => e as ApiError);
    return [e.kind, e.message];
  };
  const error = (text: string) => JSON.stringify({ status: "error", errorType: "x", error: text });
  assert.deepEqual(await problem(401, "no token\n"), ["locked", "no token"]);
  assert.deepEqual(await problem(403, error("endpoint.status is loopback")), ["forbidden", "endpoint.status is loopback"]);
  assert.deepEqual(await problem(429, "slow down", { "Retry-After": "7" }), ["slow", "slow down"]);
  assert.equal(problemOf(429, "", false, "7").retryAfter, 7);
  assert.equal(problemOf(429, "", false, "soon").retryAfter, undefined);
  assert.deepEqual(await problem(502, "<html>bad gateway"), ["unreachable", "weir does not answer"]);
  assert.deepEqual(await problem(503, "no upstream"), ["unreachable", "weir does not answer"]);
  assert.deepEqual(await problem(503, error("rules are not there yet")), ["failed", "rules are not there yet"]);
  assert.deepEqual(await problem(404, error("no such metric")), ["failed", "no such metric"]);
  assert.deepEqual(await problem(500, ""), ["failed", "weir answered with status 500"]);
  assert.equal((await problem(200, "<html>login"))[0], "failed");
});

test("what is read aloud comes at most once in ten seconds, and only changes", async () => {
  const time = new Time();
  const said: [number, string][] = [];
  const a = new Announcer((text) => said.push([time.now(), text]), time);
  a.say("ok", "all is well");
  a.say("ok", "all is well still");
  await time.pass(1000);
  a.say("bad", "lost");
  await time.pass(1000);
  a.say("look", "look");
  await time.pass(30_000);
  a.say("look", "look");
  assert.deepEqual(said, [[0, "all is well"], [10_000, "look"]]);
});

test("a change that was taken back is not read aloud", async () => {
  const time = new Time();
  const said: string[] = [];
  const a = new Announcer((text) => said.push(text), time);
  a.say("ok", "ok");
  a.say("bad", "bad");
  a.say("ok", "ok");
  await time.pass(30_000);
  assert.deepEqual(said, ["ok"]);
});

test("live lines: newest on top, at most five hundred, none twice", () => {
  const line = (seq: number) => ({ seq, at: 0, line: `l${seq}` });
  const shown = keep(keep([], [line(1), line(2)]), [line(2), line(3)]);
  assert.deepEqual(shown.map((l) => l.seq), [3, 2, 1]);
  const many = keep(shown, Array.from({ length: 600 }, (_, i) => line(i + 4)));
  assert.deepEqual([many.length, many[0]?.seq], [500, 603]);
  assert.equal(keep(shown, []), shown);
});
