// A page of VisiOmatic 2 (tests/pages/manual.html), and what a person does in it.
//
// The expected addresses are written by hand from what VisiOmatic 2 sends for its settings: colours
// to the power 2.8, saturation 2: the colour's own parts are 1/3 + 2/3 · 2 = 5/3 (one part) or
// 2/3 + 2/3 = 4/3 (two parts), the others 1/3 − 2/3 = −1/3 or 2/3 − 4/3 = −2/3.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, BASE, eventually, openPage } from "./harness.mjs";

export const IMAGE = "/fcgi-bin/iipsrv.fcgi?FIF=multi5_1k.ptif";
export const [A, B, C, D] = [
  "-0.3333333333333333", "-0.6666666666666666", "1.6666666666666665", "1.3333333333333333",
];
/** Columns: blue, cyan, green, yellow, red; rows: red, green, blue. */
export const MIX = [[A, B, A, D, C], [A, D, C, D, A], [C, D, A, B, A]]
  .map((row) => row.join(",")).join(";");

/** The addresses of the tiles that were asked for, from some request on. */
export const tiles = ({ requests }, start = 0) => requests.slice(start)
  .map(({ url }) => url.replace(BASE, "")).filter((url) => url.includes("&JTL="));

/** Run a test on the page; at its end nothing may have gone wrong. */
export function onPage(name, { url = "/pages/manual.html", query = "" }, run) {
  test(name, async () => {
    const opened = await openPage({ url: url + query, width: 1400, height: 900 });
    try {
      await opened.until(allTilesShown);
      await run(opened, opened.page);
      assert.deepEqual(opened.errors, []);
      assert.equal(await opened.page.title(), "A page for VisiOmatic 2"); // unchanged by scripts
    } finally {
      await opened.close();
    }
  });
}

/** Wait for tiles asked for after `start` that have a text, and all shown. */
export async function newTiles(opened, start, text) {
  await opened.until(allTilesShown);
  await eventually(() => tiles(opened, start).some((url) => url.includes(text)));
  return tiles(opened, start).filter((url) => url.includes(text));
}

const WIDTH = 339; // CSS pixels of the open side bar

/** Wait until the side bar has slid to a width: the buttons beside it slide along. */
const widened = (page, width) => page.waitForFunction((least) => (
  document.querySelector(".sidebar").getBoundingClientRect().width >= least
), {}, width);

/** Close the open pane by its tab. */
export async function closePane(page, id) {
  await page.click(`#${id}-toggle`);
  await page.waitForFunction(() => (
    document.querySelector(".leaflet-top.leaflet-left").getBoundingClientRect().left < 64
  ));
}

/** Open the side bar and one of its panes. */
export async function openPane(page, id) {
  if (await page.$(".sidebar.collapsed")) {
    await page.click(".leaflet-control-zoom-sidebar");
    await widened(page, 44);
  }
  await page.click(`#${id}-toggle`);
  await page.waitForSelector(`#${id}.active`, { visible: true });
  await widened(page, WIDTH);
}

/** Press what has this text in a pane. */
export async function press(page, id, text) {
  const button = await page.waitForSelector(`#${id} ::-p-text(${text})`, { visible: true });
  await button.click();
}
