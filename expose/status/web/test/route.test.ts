import assert from "node:assert/strict";
import { test } from "node:test";
import { href, parseRoute, sections } from "../src/route.ts";

test("an address shows the same again", () => {
  for (const item of ["", "checkout_requests", "a/b?c#d%", "größe 値", "<img onerror>", "__proto__"]) {
    const r = parseRoute(href("metrics", { find: "a b&c=d", sort: "-rate", none: undefined, empty: "" }, item));
    assert.equal(r.section, "metrics");
    assert.equal(r.item, item);
    assert.deepEqual({ ...r.params }, { find: "a b&c=d", sort: "-rate" });
  }
  assert.equal(href("rejects"), "#/rejects");
  assert.equal(parseRoute(href("metrics", {}, "half \ud800")).item, "half \ufffd");
});

test("what is no address is the overview", () => {
  for (const hash of ["", "#", "#/", "#/nothing?x=1", "#/__proto__", "#nothing"]) {
    assert.deepEqual(parseRoute(hash), { section: "overview", item: "", params: {} });
  }
  assert.equal(parseRoute("#/metrics/%zz").item, "%zz");
  assert.equal(parseRoute("#/metrics?__proto__=x").params["toString"], undefined);
});

test("every section has a key of its own", () => {
  assert.equal(new Set(sections.map((s) => s.key)).size, sections.length);
  assert.equal(new Set(sections.map((s) => s.id)).size, sections.length);
});
