// What a reader does with the page: find, test, tail, keys, sign in, colours; and what the page does when weir restarts,
// refuses, or holds very many series.
import assert from "node:assert/strict";
import { type TestContext, after, before, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { accessible, fits, launch, visit } from "./browser.ts";
import { bidi, hostile, huge } from "./data.ts";
import { type Options, Weir } from "./server.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** open shows the page of a weir; the end of the test closes both. */
async function open(t: TestContext, options: Options = {}, context: BrowserContextOptions = {}, hash = "") {
  const weir = await new Weir(options).start();
  t.after(() => weir.stop());
  const v = await visit(browser, weir.url + hash, context);
  t.after(() => v.end());
  return { weir, page: v.page };
}

const text = (page: Page) => page.locator("main").innerText();

/** until waits for what a function finds in the page. */
async function until(page: Page, what: string, found: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await found())) {
    assert.ok(Date.now() < end, `${what}: the page says\n${await page.locator("body").innerText()}`);
    await page.waitForTimeout(50);
  }
}

test("the overview is live", async (t) => {
  const { weir, page } = await open(t);
  await page.getByText("18,204", { exact: true }).waitFor();
  assert.match(await text(page), /balances to the sample/);
  assert.match(await page.locator("#health").innerText(), /18,204 lines\/s, none lost uncounted · 2 things need a look/);
  assert.match(await page.title(), /^Overview · weir · checkout-7f9$/);
  await until(page, "a second poll", async () => weir.requests.filter((r) => r.startsWith("/api/v1/status?since=")).length >= 2);
  const points = await page.locator(".spark path.stroke").first().getAttribute("d");
  assert.equal(points?.split("L").length, 120, "ten minutes of steps");
});

test("find a metric by a part or a glob, by type, and open it", async (t) => {
  const { page } = await open(t);
  await page.getByText("18,204", { exact: true }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("checkout*time");
  await until(page, "the glob finds one", async () => (await page.locator("main tbody tr").count()) === 1);
  await until(page, "the address has it", async () => /#\/overview\?find=checkout\*time$/.test(page.url()));
  await page.reload();
  await until(page, "the address shows the same", async () => (await page.locator("main tbody tr").count()) === 1);
  await page.getByRole("link", { name: "All that match" }).click();
  await page.getByRole("heading", { name: "Metrics", exact: true }).waitFor();
  assert.match(page.url(), /#\/metrics\?find=checkout\*time$/);
  await page.getByLabel("Find a metric").fill("");
  await page.getByLabel("Type").selectOption("gauge");
  await until(page, "only gauges", async () => !(await text(page)).includes("checkout_requests") && (await text(page)).includes("queue_depth"));
  await page.getByRole("link", { name: "queue_depth" }).click();
  await page.getByText("sum(rate(queue_depth[5m]))").waitFor();
  assert.match(await text(page), /# TYPE queue_depth gauge/);
  await page.getByRole("button", { name: "OpenMetrics" }).click();
  await page.getByText("# EOF").waitFor();
  await page.keyboard.press("Escape");
  await until(page, "Esc leads back", async () => /#\/metrics$/.test(page.url()));
});

test("tables sort by any column, with the keyboard, and copy themselves", async (t) => {
  const { page } = await open(t, {}, { permissions: ["clipboard-read", "clipboard-write"] }, "#/senders");
  await page.getByText("php-fpm").waitFor();
  const first = () => page.locator("main tbody tr").first().innerText();
  assert.match(await first(), /php-fpm/);
  await page.getByRole("button", { name: "Rejected" }).focus();
  await page.keyboard.press("Enter");
  await until(page, "most rejected first", async () => (await first()).includes("worker"));
  assert.equal(await page.locator("main th[aria-sort]").getAttribute("aria-sort"), "descending");
  assert.match(page.url(), /sort=-rejected/);
  await page.keyboard.press("Enter");
  await until(page, "fewest first", async () => (await page.locator("main th[aria-sort]").getAttribute("aria-sort")) === "ascending");
  await page.getByRole("button", { name: "Copy table" }).click();
  await page.getByText("Copied").waitFor();
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).trim().split("\n");
  assert.equal(lines.length, 6);
  assert.match(lines[0]!, /^Sender\tBy\tLines\/s\t/);
  assert.ok(lines.some((l) => l.includes("worker (pid 4411)\tunixgram\t1204\t712001\t1310")), lines.join("\n"));
});

test("test a line: from a reject, by typing, and two at once", async (t) => {
  const { page } = await open(t, {}, {}, "#/rejects?reason=bad_value");
  await page.getByRole("link", { name: "Test this line" }).first().click();
  await page.getByText("Test a line").first().waitFor();
  assert.ok((await page.locator("textarea").inputValue()).includes("<img src=x onerror"));
  await page.locator("textarea").fill("checkout.requests:1|c|#method:get\nqueue.depth:1|x");
  await page.keyboard.press("Control+Enter");
  await page.getByText("rejected: unknown type").waitFor();
  assert.match(await text(page), /mapping.yml:12/);
  assert.equal(await page.locator(".result mark").innerText(), "x");
  assert.match(page.url(), /line=checkout/);
  await page.getByRole("button", { name: "why" }).click();
  await page.getByText("segment 1 is checkout: want debug").waitFor();
});

test("live lines start, filter, mark what is wrong, and stop", async (t) => {
  const { weir, page } = await open(t, {}, {}, "#/tail");
  const tails = () => weir.requests.filter((r) => r.startsWith("/api/v1/tail"));
  await page.getByText("While nobody looks it costs nothing").waitFor();
  assert.equal(tails().length, 0, "nothing is asked before Start");
  await page.getByRole("button", { name: "Start" }).click();
  await page.locator(".lines li").nth(5).waitFor();
  assert.equal(await page.locator(".lines mark").first().innerText(), "c");
  assert.match(await page.locator("#tail-state").innerText(), /Ends by itself in .* min.*Looked at .* lines; .* were left out/);
  await page.getByLabel("only rejected").check();
  await until(page, "the filter is asked for", async () => tails().at(-1)!.includes("rejected=1"));
  await page.locator("main").getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped.").waitFor();
  const before = tails().length;
  await page.waitForTimeout(1500);
  assert.ok(tails().length <= before + 1, "it asks on after Stop");
});

test("keys lead everywhere", async (t) => {
  const { page } = await open(t);
  await page.getByText("18,204", { exact: true }).waitFor();
  for (const [key, title] of [["r", "Newest rejects"], ["c", "Configuration in force"], ["i", "Ways in"], ["u", "Names that no rule matches"], ["o", "Where every line went"]] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
  }
  await page.keyboard.press("t");
  await page.getByRole("heading", { name: "Live lines", exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("/");
  await page.keyboard.type("t?gr");
  assert.equal(await page.getByLabel("Only names").inputValue(), "t?gr", "keys are text while somebody types");
});

test("colours follow the system and the switch", async (t) => {
  const { page } = await open(t, {}, { colorScheme: "dark" });
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await colour(), "rgb(14, 21, 25)");
  await page.getByRole("button", { name: /^Colours/ }).click();
  assert.equal(await colour(), "rgb(246, 248, 249)");
  await page.reload();
  assert.equal(await colour(), "rgb(246, 248, 249)", "the choice stays");
  await page.getByRole("button", { name: /^Colours/ }).click();
  await page.getByRole("button", { name: /^Colours/ }).click();
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await colour(), "rgb(246, 248, 249)");
});

test("a closed page asks for a token, keeps it for the tab only, and shows nothing before", async (t) => {
  const { weir, page } = await open(t, { token: "s3cret" });
  await page.getByLabel("Token").fill("wrong");
  assert.ok(!(await page.content()).includes("checkout"), "data before the token");
  await page.keyboard.press("Enter");
  await page.getByText("This token does not open the page").waitFor();
  await page.getByLabel("Token").fill("s3cret");
  await page.keyboard.press("Enter");
  await page.getByText("18,204", { exact: true }).waitFor();
  assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie, Object.values(sessionStorage)]), [0, "", ["s3cret"]]);
  assert.ok(!weir.requests.some((r) => r.includes("s3cret")), "the token is in an address");
  await page.reload();
  await page.getByText("18,204", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
});

test("a page that weir refuses says what weir says", async (t) => {
  const { page } = await open(t, { forbidden: "endpoint.status is loopback: this page answers only on this host" });
  await page.getByText("endpoint.status is loopback: this page answers only on this host").first().waitFor();
  await accessible(page, "refused");
});

test("too many requests: the page waits and goes on", async (t) => {
  const { weir, page } = await open(t);
  await page.getByText("18,204", { exact: true }).waitFor();
  weir.busy = 3;
  await page.getByText("Too many requests").first().waitFor();
  await page.getByText("Too many requests").first().waitFor({ state: "hidden" });
});

test("the page says that weir is gone, and recovers when it is back", async (t) => {
  const { weir, page } = await open(t);
  await page.getByText("18,204", { exact: true }).waitFor();
  await weir.stop();
  await page.locator("#unreachable").waitFor();
  assert.match(await page.locator("#health").innerText(), /weir does not answer/);
  assert.match(await text(page), /checkout_requests/, "what was known stays to be read");
  await accessible(page, "not reachable");
  await until(page, "it is read aloud", async () => /does not answer/.test(await page.locator("#live").innerText()));
  await weir.restart();
  await page.locator("#unreachable").waitFor({ state: "hidden" });
  await until(page, "weir is back", async () => /18,204 lines/.test(await page.locator("#health").innerText()));
  await until(page, "the history of the new process is asked for", async () => {
    const d = await page.locator(".spark path.stroke").first().getAttribute("d");
    return d?.split("L").length === 120;
  });
});

test("a hidden page and a stopped one ask for nothing", async (t) => {
  const { weir, page } = await open(t);
  await page.getByText("18,204", { exact: true }).waitFor();
  await page.keyboard.press("p");
  await page.getByText("The page is stopped").waitFor();
  const before = weir.requests.length;
  await page.waitForTimeout(2500);
  assert.equal(weir.requests.length, before);
  await page.keyboard.press("p");
  await until(page, "it goes on", async () => weir.requests.length > before);
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const hidden = weir.requests.length;
  await page.waitForTimeout(2500);
  assert.equal(weir.requests.length, hidden);
});

test("a hundred thousand families: pages by cursor, a small document, answers at once", async (t) => {
  const { page } = await open(t, { families: 100_000 }, {}, "#/metrics?sort=name");
  await page.getByText("of 100,000 metrics").waitFor();
  assert.ok((await page.locator("main tbody tr").count()) <= 100);
  const began = Date.now();
  for (let i = 0; i < 5; i++) {
    const first = await page.locator("main tbody tr").first().innerText();
    await page.getByRole("button", { name: "Next" }).click();
    await until(page, "the next page", async () => (await page.locator("main tbody tr").first().innerText()) !== first);
  }
  assert.match(await text(page), /501 to 600 of 100,000 metrics/);
  await page.getByLabel("Find a metric").fill("operation_09999");
  await until(page, "a part finds ten", async () => (await text(page)).includes("service_099_operation_099989") || (await page.locator("main tbody tr").count()) < 11);
  assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
  assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 8000);
  await page.evaluate(() => { location.hash = "#/metrics/checkout_requests"; });
  await page.getByText("1 to 20 of 1,000 series").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("21 to 40 of 1,000 series").waitFor();
});

test("below a path of a proxy", async (t) => {
  const { weir, page } = await open(t, { base: "/monitoring/weir" }, {}, "#/rules");
  await page.getByText("checkout_$1").waitFor();
  assert.ok(weir.requests.every((r) => r.startsWith("/")), weir.requests.join("\n"));
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByText("18,204", { exact: true }).waitFor();
});

test("nothing that a sender writes becomes markup, or turns the text around", async (t) => {
  const { page } = await open(t);
  for (const hash of ["#/overview", "#/metrics?sort=name", "#/metrics/" + encodeURIComponent(hostile), "#/metrics/checkout_requests", "#/metrics/" + encodeURIComponent(bidi), "#/labels", "#/rejects", "#/senders", "#/scrapers", "#/rules", "#/test?line=" + encodeURIComponent(hostile), "#/metrics?find=" + encodeURIComponent(hostile)]) {
    await page.evaluate((h) => { location.hash = h; }, hash);
    await page.waitForTimeout(400);
    assert.equal(await page.locator("img, script:not([src]), main style").count(), 0, hash);
    assert.doesNotMatch(await page.title(), /^owned/);
    const shown = await page.locator("body").innerText();
    assert.doesNotMatch(shown, /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u0007\u001b]/, hash);
    assert.doesNotMatch(await page.title(), /[\u202a-\u202e\u2066-\u2069]/, hash);
  }
  await page.evaluate((h) => { location.hash = h; }, "#/metrics?find=very.long");
  await page.getByText("all 8,160 characters").or(page.getByText("…")).first().waitFor();
  await page.evaluate((h) => { location.hash = h; }, "#/metrics/" + encodeURIComponent(huge));
  await page.getByRole("button", { name: "all 8,160 characters" }).first().click();
  await fits(page, "a name of 8 KiB");
});

test("a narrow screen shows everything without scrolling sideways", async (t) => {
  const { page } = await open(t, {}, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await page.getByText("Where every line went").waitFor();
  await page.locator(".flowlist").waitFor();
  assert.equal(await page.locator(".rates dt").count(), 7);
  assert.equal(await page.locator("svg.flow").isVisible(), false);
  await fits(page, "overview");
});
