// How the page comes: small, below any path, under a strict policy, and from one place.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, BASE, BROWSER, openPage } from "./harness.mjs";

const MOST = 150_000; // bytes, packed, before there is a plot
const IMAGE = "?FIF=multi5_1k.ptif";

async function shown(options, run) {
  const opened = await openPage({ width: 1600, height: 1000, ...options });
  try {
    await opened.until(allTilesShown);
    await run(opened);
  } finally {
    await opened.close();
  }
}

/** Count what the policy has blocked, from the first script on. */
const watchPolicy = (page) => page.evaluateOnNewDocument(() => {
  window.blocked = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    window.blocked.push(`${violatedDirective} ${blockedURI}`);
  });
});

test("the page is not more than 150 kB before there is a plot", () => shown(
  { url: `/viewer/${IMAGE}` },
  async ({ page }) => {
    const parts = await page.evaluate(() => [
      ...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource"),
    ].map(({ name, encodedBodySize }) => ({ name, size: encodedBodySize })));
    const ours = parts.filter(({ name }) => new URL(name).pathname.startsWith("/viewer/"));
    const sum = ours.reduce((total, { size }) => total + size, 0);
    assert.ok(ours.every(({ size }) => size > 0));
    assert.ok(ours.length >= 3); // the page, its script, its style
    assert.ok(!ours.some(({ name }) => /uplot/i.test(name)));
    assert.ok(sum <= MOST, `${sum} bytes: ${JSON.stringify(ours)}`);
    console.log(`initial load: ${sum} bytes`);
  },
));

test("the policy blocks nothing of what the page does", () => shown(
  { url: `/viewer/${IMAGE}`, before: watchPolicy },
  async ({ page, until, errors }) => {
    const panels = await page.$$('[role="tab"]');
    assert.ok(panels.length >= 6);
    for (const panel of panels) {
      await panel.click();
    }
    await page.focus(".iip-map");
    for (const key of ["g", "i", "]", "+", "?", "Escape"]) {
      await page.keyboard.press(key);
    }
    await until(allTilesShown);
    assert.deepEqual(await page.evaluate(() => window.blocked), []);
    assert.deepEqual(errors, []);
  },
));

test("the policy is there: a script in the page does not run", () => shown(
  { url: `/viewer/${IMAGE}`, before: watchPolicy },
  async ({ page, until }) => {
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
    });
    await until(() => window.blocked.length > 0);
    assert.equal(await page.evaluate(() => window.ran), undefined);
  },
));

test("nobody else is asked for anything", () => shown(
  { url: `/viewer/${IMAGE}` },
  async ({ requests }) => {
    const elsewhere = requests.map(({ url }) => url).filter((url) => (
      /^(?:https?|wss?):/.test(url) && !url.startsWith(BASE)
    ));
    assert.deepEqual(elsewhere, []);
  },
));

test("the page works below any path", () => shown(
  { url: `/some/where/else/${IMAGE}` },
  async ({ errors, requests }) => {
    assert.deepEqual(errors, []);
    assert.ok(requests.some(({ url }) => url.includes("/some/where/else/assets/")));
    assert.ok(!requests.some(({ url }) => url.includes("/viewer/")));
  },
));

test("its own files come once, however often it is opened", { skip: BROWSER === "firefox" }, () => shown(
  { url: `/viewer/${IMAGE}` },
  async ({ page, until }) => {
    await page.reload({ waitUntil: "load" });
    await until(allTilesShown);
    const sent = await page.evaluate(() => performance.getEntriesByType("resource")
      .filter(({ name }) => name.includes("/assets/")).map(({ transferSize }) => transferSize));
    assert.ok(sent.length >= 2);
    assert.deepEqual(sent.filter((size) => size > 0), []);
  },
));
