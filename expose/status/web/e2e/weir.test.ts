// The page of a real weir, which the environment names in WEIR: lines that are sent are seen, whatever is in them.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type RequestListener, createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { accessible, fits, launch, visit } from "./browser.ts";
import { bidi, hostile } from "./data.ts";
import { Process } from "./process.ts";

const bin = process.env.WEIR ?? "";
const skip = bin ? false : "WEIR names no program";

let browser: Browser;
before(async () => { if (bin) browser = await launch(); });
after(async () => { await browser?.close(); });

async function start(t: TestContext, ...flags: string[]): Promise<Process> {
  const weir = await Process.start(bin, ...flags);
  t.after(() => weir.stop());
  return weir;
}

async function open(t: TestContext, url: string): Promise<Page> {
  const v = await visit(browser, url);
  t.after(() => v.end());
  return v.page;
}

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate((h) => { location.hash = h; }, hash);
}

const health = (page: Page) => page.locator("#health");

test("what is sent is seen: in metrics, rejects, live lines and the tester", { skip }, async (t) => {
  const weir = await start(t);
  await weir.send(["checkout.requests:3|c|#method:get", `checkout.requests:1|c|#a:${hostile},b:${bidi}`, "queue.depth:7|g", "queue.depth:1|c", `${hostile}:1|c`, `cart:${hostile}|c`]);
  const page = await open(t, weir.url);
  await page.getByRole("link", { name: "checkout_requests" }).click();
  await page.getByText('checkout_requests{method="get"} 3').waitFor();
  await page.getByText("rate(checkout_requests").first().waitFor();
  await go(page, "#/rejects");
  await page.getByText("queue_depth is a gauge; a counter was sent").first().waitFor();
  await page.getByRole("button", { name: "Only these: bad value" }).click();
  await page.getByRole("link", { name: "Test this line" }).first().click();
  await page.getByText("rejected: bad value").waitFor();
  await go(page, "#/tail");
  await page.getByRole("button", { name: "Start" }).click();
  await page.locator("#tail-state", { hasText: "Looked at" }).waitFor();
  const again = setInterval(() => void weir.send(["live.line:1|c|#from:test", "live.line:1|g"]), 200);
  t.after(() => clearInterval(again));
  await page.getByText("live.line:1|c|#from:test").first().waitFor();
  await page.locator(".lines .tag").first().waitFor();
  for (const section of ["overview", "metrics", "labels", "senders", "listeners", "scrapers", "rules", "config"]) {
    await go(page, "#/" + section);
    await page.waitForTimeout(700);
    assert.equal(await page.locator("p.state.warn").count(), 0, `${section}: ${await page.locator("main").innerText()}`);
    assert.equal(await page.locator("main img").count(), 0, section);
    await fits(page, section);
    await accessible(page, section);
    await page.screenshot({ path: `out/screenshots/weir-${section}.png`, fullPage: true });
  }
});

test("the page lives through a restart of weir", { skip }, async (t) => {
  const weir = await start(t);
  const page = await open(t, weir.url);
  await health(page).filter({ hasText: /line/ }).waitFor();
  await weir.stop();
  await page.locator("#unreachable").waitFor();
  await weir.run();
  await page.locator("#unreachable").waitFor({ state: "hidden" });
  await weir.send(["after.restart:1|c"]);
  await page.getByRole("link", { name: "after_restart" }).waitFor();
});

test("with tokens the page asks for one that may read it", { skip }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "weir-page-"));
  const token = (name: string, scope: string) => `  - {name: ${name}, sha256: ${createHash("sha256").update(name + "-secret").digest("hex")}, scopes: ["${scope}"]}\n`;
  writeFileSync(join(dir, "tokens.yaml"), "tokens:\n" + token("scraper", "metrics:read") + token("reader", "status:read"), { mode: 0o600 });
  const weir = await start(t, "--authentication.enabled=true", "--authentication.tokens_file=" + join(dir, "tokens.yaml"));
  await weir.send(["very.secret:1|c"]);
  const page = await open(t, weir.url);
  assert.doesNotMatch(await page.content(), /very/);
  for (const [secret, isEnough] of [["wrong", false], ["scraper-secret", false], ["reader-secret", true]] as const) {
    await page.getByLabel("Token").fill(secret);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText(isEnough ? "very_secret" : "This token does not open the page").first().waitFor();
  }
});

test("a hundred thousand series", { skip }, async (t) => {
  const weir = await start(t, "--cardinality.max_series_per_metric=1000000");
  const lines = Array.from({ length: 100_000 }, (_, i) => `${i % 4 ? "big" : `family.n${i % 2000}`}:1|c|#id:n${i}`);
  await weir.send(lines);
  const page = await open(t, weir.url + "#/metrics?sort=-series");
  await page.getByRole("link", { name: "big", exact: true }).waitFor();
  const began = Date.now();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("101 to 200 of").waitFor();
  await page.getByLabel("Find a metric").fill("n1996");
  await page.getByRole("link", { name: "family_n1996" }).waitFor();
  await go(page, "#/metrics/big");
  await page.getByText("1 to 20 of").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("21 to 40 of").waitFor();
  assert.ok(Date.now() - began < 15_000, `${Date.now() - began} ms`);
  assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 8000);
});

test("without JavaScript the page says how weir is", { skip }, async (t) => {
  const weir = await start(t);
  await weir.send(["plain.reader:1|c", "plain.reader:1|g"]);
  const context = await browser.newContext({ javaScriptEnabled: false });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.waitForTimeout(500);
  await page.goto(weir.url);
  const text = await page.locator("body").innerText();
  assert.match(text, /plain_reader/);
  assert.match(text, /type_conflict/);
  assert.match(text, /recorded/);
});

test("below a path of a proxy", { skip }, async (t) => {
  const weir = await start(t);
  await weir.send(["through.proxy:1|c"]);
  const pass: RequestListener = (request, response) => {
    const path = request.url?.startsWith("/team/weir/") ? request.url.slice("/team/weir".length) : null;
    if (path === null) return void response.writeHead(404).end();
    request.pipe(ask({ port: weir.http, host: "127.0.0.1", path, method: request.method, headers: { ...request.headers, host: "localhost" } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).on("error", () => response.destroy()));
  };
  const proxy = createServer(pass).listen(0, "127.0.0.1");
  t.after(() => proxy.close());
  await new Promise((resolve) => proxy.once("listening", resolve));
  const page = await open(t, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/team/weir/`);
  await page.getByRole("link", { name: "through_proxy" }).waitFor();
  await go(page, "#/test?line=" + encodeURIComponent("a.b:1|c"));
  await page.getByText("adds to the counter").waitFor();
});
