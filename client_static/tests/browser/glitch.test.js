// The page on a bad connection: nothing is lost, and who looks is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, BASE, eventually, openPage } from "./harness.mjs";
import { startProxy } from "./proxy.mjs";

const TROUBLE = /cannot be reached/;

const said = () => [...document.querySelectorAll(".iip-message")].map((one) => one.textContent).join("\n");
const broken = () => [...document.querySelectorAll("img.leaflet-tile")]
  .filter((tile) => tile.getAttribute("src") && tile.complete && !tile.naturalWidth).length;
const finest = () => document.querySelector('img.leaflet-tile[src*="&JTL=2,"]') !== null;

/** Open the page through a bad line, in a window that shows less than the last level. */
async function onBadLine(decide, run) {
  const proxy = await startProxy(BASE, decide);
  let opened;
  try {
    opened = await openPage({ url: `${proxy.url}/viewer/?FIF=multi5_1k.ptif`, width: 640, height: 560 });
    await run({ ...opened, proxy });
  } finally {
    await opened?.close();
    await proxy.stop().catch(() => {}); // it may be away already
  }
}

/** Press plus until something is so. */
async function closerUntil(page, so) {
  await page.focus(".iip-map");
  await eventually(async () => {
    await page.keyboard.press("+");
    await new Promise((resolve) => setTimeout(resolve, 400)); // a zoom takes a quarter of a second
    return page.evaluate(so);
  });
}

test("every third request is dropped, and all tiles are there in the end", () => {
  let tiles = 0;
  const decide = (url) => {
    if (!url.includes("/fcgi-bin/")) {
      return undefined; // the page itself: browsers ask again for nothing
    }
    tiles += 1;
    return tiles % 3 ? undefined : "drop";
  };
  return onBadLine(decide, async ({ page, until }) => {
    await until(allTilesShown);
    await closerUntil(page, finest);
    await until(allTilesShown);
    assert.equal(await page.evaluate(broken), 0);
    assert.ok(tiles > 12);
    await until(() => !document.querySelector(".iip-message"));
  });
});

test("the server is away for five seconds: that is said, and forgotten when all is there", () => (
  onBadLine(() => undefined, async ({ page, until, proxy }) => {
    await until(allTilesShown);
    await proxy.stop();
    const gone = Date.now();
    await closerUntil(page, () => document.querySelector(".iip-message") !== null);
    assert.match(await page.evaluate(said), TROUBLE);
    assert.equal(await page.evaluate(broken), 0);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 5000 - (Date.now() - gone))));
    assert.equal(await page.evaluate(allTilesShown), false);
    await proxy.resume();
    await until(allTilesShown);
    await until(() => !document.querySelector(".iip-message"));
    assert.equal(await page.evaluate(broken), 0);
  })
));

test("the server is away when the page opens the image: it is shown when it is back", () => {
  let away = true;
  const decide = (url) => (away && url.includes("/fcgi-bin/") ? "drop" : undefined);
  return onBadLine(decide, async ({ page, until }) => {
    await until(() => document.querySelector(".iip-message"));
    assert.match(await page.evaluate(said), TROUBLE);
    away = false;
    await until(allTilesShown);
    await until(() => !document.querySelector(".iip-message"));
  });
});
