// Every section in both colour schemes and on a narrow screen: axe-core finds nothing, nothing is wider than the screen,
// the policy holds. The pictures are in out/screenshots, to be looked at.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { accessible, fits, launch, visit } from "./browser.ts";
import { Weir } from "./server.ts";

let browser: Browser;
let weir: Weir;
const pictures = "out/screenshots";

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  weir = await new Weir().start();
});
after(async () => {
  await browser.close();
  await weir.stop();
});

const views: [name: string, hash: string, ready: (page: Page) => Promise<unknown>][] = [
  ["overview", "#/overview", (p) => p.getByText("checkout_requests").first().waitFor()],
  ["metrics", "#/metrics", (p) => p.getByText("queue_depth").first().waitFor()],
  ["metric", "#/metrics/checkout_requests", (p) => p.getByText("Ask Prometheus").waitFor()],
  ["labels", "#/labels", (p) => p.getByText("user_id", { exact: true }).first().waitFor()],
  ["rejects", "#/rejects", (p) => p.getByText("Newest rejects").first().waitFor()],
  ["tail", "#/tail", async (p) => { await p.getByRole("button", { name: "Start" }).click(); await p.locator(".lines li").nth(9).waitFor(); await p.getByRole("button", { name: "Stop", exact: true }).last().click(); }],
  ["test", "#/test?line=" + encodeURIComponent("checkout.requests:1|c|#method:get,bare\nqueue.depth:1|x"), (p) => p.getByText("rejected: unknown type").waitFor()],
  ["senders", "#/senders", (p) => p.getByText("php-fpm").first().waitFor()],
  ["listeners", "#/listeners", (p) => p.getByText("rmem_max").waitFor()],
  ["scrapers", "#/scrapers", (p) => p.getByText("Prometheus/2.42.0").waitFor()],
  ["rules", "#/rules", (p) => p.getByText("checkout_$1").waitFor()],
  ["config", "#/config", (p) => p.getByText("weir.yaml:12").waitFor()],
];

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1400, 360]) {
    test(`sections, ${scheme}, ${width} wide`, async (t) => {
      const v = await visit(browser, weir.url, { colorScheme: scheme, viewport: { width, height: 900 } });
      for (const [name, hash, ready] of views) {
        await t.test(name, async () => {
          await v.page.evaluate((h) => { location.hash = h; }, hash);
          await ready(v.page);
          await v.page.screenshot({ path: `${pictures}/${name}-${scheme}-${width}.png`, fullPage: true });
          await fits(v.page, name);
          await accessible(v.page, name);
        });
      }
      await v.end();
    });
  }
}

test("the picture for the README", async (t) => {
  const tame = await new Weir({ tame: true }).start();
  t.after(() => tame.stop());
  const v = await visit(browser, tame.url, { viewport: { width: 1360, height: 850 } });
  await v.page.getByText("checkout_requests").first().waitFor();
  await v.page.screenshot({ path: `${pictures}/readme.png` });
  await v.end();
});

test("the help, a closed page and a page without data are accessible", async (t) => {
  const closed = await new Weir({ token: "s3cret" }).start();
  const quiet = await new Weir({ quiet: true }).start();
  t.after(() => Promise.all([closed.stop(), quiet.stop()]));
  for (const colorScheme of ["light", "dark"] as const) {
    const v = await visit(browser, quiet.url, { colorScheme });
    await v.page.getByText("No metric yet").waitFor();
    await v.page.screenshot({ path: `${pictures}/quiet-${colorScheme}.png`, fullPage: true });
    await accessible(v.page, "quiet");
    await v.page.keyboard.press("?");
    await v.page.getByRole("heading", { name: "Keys" }).waitFor();
    await v.page.screenshot({ path: `${pictures}/help-${colorScheme}.png` });
    await accessible(v.page, "help");
    await v.end();
    const c = await visit(browser, closed.url, { colorScheme });
    await c.page.getByLabel("Token").waitFor();
    await c.page.screenshot({ path: `${pictures}/login-${colorScheme}.png` });
    await accessible(c.page, "login");
    await c.end();
  }
});

test("the document without JavaScript is useful and accessible", async (t) => {
  const plain = await new Weir({ shell: "summary" }).start();
  t.after(() => plain.stop());
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ javaScriptEnabled: false, colorScheme, viewport: { width: 1000, height: 900 } });
    const page = await context.newPage();
    await page.goto(plain.url);
    assert.match(await page.locator("body").innerText(), /18,204 lines\/s, none lost uncounted/);
    assert.match(await page.locator("body").innerText(), /type_conflict/);
    await page.screenshot({ path: `${pictures}/plain-${colorScheme}.png`, fullPage: true });
    await context.close();
  }
});
