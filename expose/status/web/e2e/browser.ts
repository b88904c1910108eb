// A browser for the tests: Debian's Chromium, driven by playwright.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";

export const executable = process.env.CHROMIUM ?? "/usr/bin/chromium";

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executable, args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"] });
}

/** Visit is a page that notes what goes wrong in it: errors, violations of the policy, requests to other hosts. */
export interface Visit {
  page: Page;
  faults: string[];
  end(): Promise<void>;
}

export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const host = new URL(url).host;
  page.on("pageerror", (error) => faults.push("error: " + error.message));
  page.on("console", (message) => {
    // The browser itself reports answers that are no success, and servers that are gone.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) faults.push("console: " + message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && new URL(request.url()).host !== host) faults.push("request to " + request.url());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
  });
  await page.goto(url);
  return { page, faults, end: async () => { await context.close(); assert.deepEqual(faults, []); } };
}

const axe = readFileSync(createRequire(process.cwd() + "/package.json").resolve("axe-core/axe.min.js"), "utf8");

interface AxeResults { violations: { id: string; help: string; nodes: { target: unknown; failureSummary?: string }[] }[] }

/** accessible fails with what axe-core finds. The debugger runs axe, so the policy of the page stays as it is. */
export async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe);
  const results = (await page.evaluate("axe.run(document, {resultTypes: ['violations']})")) as AxeResults;
  const found = results.violations.map((v) => `${v.id}: ${v.help}\n` + v.nodes.slice(0, 4).map((n) => `  ${JSON.stringify(n.target)} ${n.failureSummary ?? ""}`).join("\n"));
  assert.deepEqual(found, [], what);
}

/** overflow fails when the document is wider than the screen. */
export async function fits(page: Page, what: string): Promise<void> {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide! <= screen!, `${what}: the document is ${wide} wide, the screen ${screen}`);
}
