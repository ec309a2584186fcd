// Files of regions with something odd in them: the rest is shown.

import assert from "node:assert/strict";
import { test } from "node:test";

import { onViewer } from "./viewer.mjs";

const onOdd = (run) => onViewer({
  config: { regions: [{ name: "Odd", url: "/pages/odd.geojson", load: true }] },
}, run);

const lines = () => window.viewers[0].viewer.overlays.all("region")[0].layer.getLayers()
  .map(({ options, feature }) => [feature.properties.name, options.weight]);

test("a collection without a list, and a shape larger than the sky, are left out alone", () => onOdd(async ({ page, shown, message, panel, until, errors }) => {
  await shown();
  await message("2 of the 11 regions of Odd have no usable coordinates and are left out.");
  await panel("region");
  await until(() => document.querySelector(".iip-panel-region .iip-item-name")?.textContent === "Odd (9)");
  assert.equal(await page.evaluate(() => ({}).spoilt), undefined);
  assert.deepEqual(errors, []);
}));

test("the width of a line is that of the file, but no wider than 20 pixels", () => onOdd(async ({ page, shown, message }) => {
  await shown();
  await message("regions of Odd");
  const widths = new Map(await page.evaluate(lines));
  assert.deepEqual([widths.get("thick"), widths.get("fine"), widths.get("past the pole")], [20, 3, 1.5]);
}));
