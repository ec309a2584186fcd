// What is printed: the map as it is shown and the open plot, in the width of the paper.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";

import { onViewer } from "./viewer.mjs";

const PAPER = { width: 720, height: 1000 }; // CSS pixels of A4 within its margins

const boxOf = (page, selector) => page.$eval(selector, (element) => {
  const { left, right, top, bottom, width } = element.getBoundingClientRect();
  return { left, right, top, bottom, width };
});

test("the map and the plot are printed whole, and nothing to press", () => onViewer({ width: 1300, height: 900 }, async ({ page, shown, panel, until, errors }) => {
  await shown();
  await panel("profile");
  await page.locator(".iip-panel-profile .iip-group:nth-of-type(2) .iip-main").click();
  await until(() => document.querySelector(".iip-plot-card canvas"));
  const size = () => page.evaluate(() => window.viewers[0].viewer.map.getSize());
  const before = await size();
  const ratio = ({ width, top, bottom }) => width / (bottom - top);
  const form = ratio(await boxOf(page, ".iip-map"));
  await page.emulateMediaType("print");
  await page.setViewport(PAPER);
  await until((width) => document.querySelector(".iip-map").getBoundingClientRect().right <= width + 1, PAPER.width);
  const map = await boxOf(page, ".iip-map");
  const plot = await boxOf(page, ".iip-plot-card");
  assert.ok(map.left >= 0 && map.width > 0.9 * PAPER.width, JSON.stringify(map));
  assert.ok(Math.abs(ratio(map) - form) < 0.02);
  assert.ok(plot.left >= 0 && plot.right <= PAPER.width + 1 && plot.top >= map.bottom - 1, JSON.stringify(plot));
  assert.deepEqual(await size(), before);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  for (const selector of [".iip-tab", ".iip-head-buttons", ".iip-coordinates", ".leaflet-control-zoom", ".iip-plot-head button"]) {
    assert.equal(await page.$eval(selector, (element) => element.getClientRects().length), 0, selector);
  }
  if (process.env.PRINTED) {
    await writeFile(process.env.PRINTED, await page.pdf({ format: "A4", margin: { top: 40, left: 40, right: 40, bottom: 40 } }));
  }
  assert.deepEqual(errors, []);
}));
