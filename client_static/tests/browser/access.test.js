// The viewer without a mouse, on a telephone, for readers of the screen, and twice in a page.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { BROWSER, eventually } from "./harness.mjs";
import { BANDS, onViewer, onViewers } from "./viewer.mjs";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CHROMIUM = { skip: BROWSER === "chromium" ? false : "Chromium alone has it" };
const PANELS = ["channels", "image", "catalog", "region", "profile", "snapshot", "header", "docs"];
const CONFIG = {
  images: [{ name: BANDS, title: "Bands" }, { name: "odd_rgb8.ptif" }],
  regions: [{ name: "Fields", url: "/pages/fields.geojson" }],
};

/** What axe-core finds that is serious, as lines to read. */
async function faults(page) {
  await page.evaluate(() => (document.getAnimations().forEach((one) => one.finish?.())));
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`));
  });
}

for (const [scheme, width, height] of [["dark", 1600, 1000], ["light", 1600, 1000], ["dark", 820, 1180], ["light", 390, 844]]) {
  test(`axe-core finds nothing serious, ${scheme}, ${width} wide`, CHROMIUM, () => onViewer({
    config: CONFIG, scheme, width, height,
  }, async ({ page, shown, panel, focusMap, until }) => {
    await shown();
    await page.evaluate(AXE); // not a script of the page: its policy stays as it is
    for (const id of PANELS) {
      await panel(id);
      assert.deepEqual(await faults(page), [], id);
    }
    await panel("profile");
    await page.locator(".iip-panel-profile .iip-group:nth-of-type(2) .iip-main").click();
    await until(() => document.querySelector(".iip-plot-card canvas"));
    assert.deepEqual(await faults(page), [], "a plot");
    await focusMap();
    await page.keyboard.press("?");
    await until(() => document.querySelector("dialog[open]"));
    assert.deepEqual(await faults(page), [], "the keys");
  }));
}

test("a tour with the keyboard alone", () => onViewer({ config: CONFIG }, async ({ page, shown, until, errors }) => {
  await shown();
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label")
    ?? document.activeElement.textContent.trim());
  const tabTo = async (name) => {
    for (let press = 0; press < 60 && (await focused()) !== name; press += 1) {
      await page.keyboard.press("Tab");
    }
    assert.equal(await focused(), name);
  };
  const tabBackTo = async (name) => { // not around the end: there are the buttons of the browser
    await page.keyboard.down("Shift");
    await tabTo(name);
    await page.keyboard.up("Shift");
  };
  await tabTo("Channels"); // the tab; arrows go on from it, and Enter opens
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "Image");
  await page.keyboard.press("Enter");
  await until(() => document.querySelector(".iip-panel-image:not([hidden])"));
  await tabTo("Contrast");
  await page.keyboard.press("ArrowUp");
  await until(() => window.viewers[0].viewer.settings().contrast === 1.05);
  await page.keyboard.press("Escape");
  await until(() => document.querySelector(".iip-panel-image").hidden);
  assert.equal(await focused(), "Image");
  const label = await page.$eval(".iip-map", (map) => map.getAttribute("aria-label"));
  assert.match(label, /^\w+: arrow keys move it, plus and minus zoom, question mark lists all keys$/);
  await tabTo(label);
  const place = () => page.$eval(".iip-coordinates-input", (input) => input.value);
  const zoom = await page.evaluate(() => window.viewers[0].viewer.map.getZoom());
  await page.keyboard.press("+");
  await until((old) => {
    const { map } = window.viewers[0].viewer;
    return map.getZoom() > old && Number.isInteger(map.getZoom()) && !map._animatingZoom;
  }, zoom);
  await shown();
  const before = await page.evaluate(() => window.viewers[0].viewer.map.project(window.viewers[0].viewer.map.getCenter(), 2));
  await page.keyboard.down("Shift");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.up("Shift");
  const after = await page.evaluate(() => window.viewers[0].viewer.map.project(window.viewers[0].viewer.map.getCenter(), 2));
  assert.deepEqual([(after.x - before.x).toFixed(3), Math.abs(after.y - before.y).toFixed(3)], ["1.000", "0.000"]);
  await page.keyboard.press("/");
  await page.keyboard.type("150.12 2.21");
  await page.keyboard.press("Enter");
  await eventually(async () => (await place()).startsWith("10:00:28.800 +02:12:36"));
  await tabBackTo("Images");
  await page.keyboard.press("Enter");
  await until(() => document.querySelector("dialog[open]"));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await until(() => document.querySelector("h1").textContent === "SYNTHSKY");
  await shown();
  assert.deepEqual(errors, []);
}));

test("what has the focus is seen", () => onViewer({ config: CONFIG }, async ({ page, shown }) => {
  await shown();
  for (let press = 0; press < 25; press += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const shows = (element) => element && getComputedStyle(element).outlineStyle !== "none" && parseFloat(getComputedStyle(element).outlineWidth) >= 2;
      const { activeElement } = document;
      return activeElement === document.body || shows(activeElement) || shows(activeElement.closest("label")) || activeElement.outerHTML.slice(0, 120);
    });
    assert.equal(seen, true);
  }
}));

test("position and values are told to readers of the screen when the map rests", () => onViewer({ config: CONFIG }, async ({ page, shown, until, focusMap }) => {
  await shown();
  await focusMap();
  await page.keyboard.press("ArrowRight");
  const said = await until(() => {
    const live = document.querySelector("[aria-live=polite]").textContent;
    return /^Centre, \d\d:\d\d:[\d.]+ [+-]/.test(live) && live;
  });
  assert.match(said, /x [\d.]+ {2}y [\d.]+/);
}));

test("the side bar stands beside a wide map, over a narrower one, and is a sheet on a telephone", () => onViewer({ config: CONFIG }, async ({ page, shown, panel, until }) => {
  await shown();
  const boxes = () => page.evaluate(() => [".iip-sheet", ".iip-stage", ".iip-tabs"].map((name) => {
    const { left, top, right, bottom } = document.querySelector(name).getBoundingClientRect();
    return { left, top, right, bottom };
  }));
  await panel("channels");
  let [sheet, stage, tabs] = await boxes();
  assert.ok(sheet.right <= stage.left);
  await page.setViewport({ width: 820, height: 1000 });
  await until(() => document.querySelector(".iip-viewer").clientWidth === 820);
  [sheet, stage, tabs] = await boxes();
  assert.ok(sheet.right > stage.left && tabs.right <= stage.left);
  await page.setViewport({ width: 390, height: 844 });
  await until(() => document.querySelector(".iip-viewer").clientWidth === 390);
  [sheet, stage, tabs] = await boxes();
  assert.ok(sheet.bottom <= tabs.top + 1 && sheet.left === 0 && tabs.bottom <= 845 && sheet.top > 300);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
}));

test("a telephone's targets are 44 pixels, and fingers do all", CHROMIUM, () => onViewer({
  config: CONFIG, width: 390, height: 844, scale: 3, touch: true, before: coarse,
}, async ({ page, shown, until, errors }) => {
  await shown();
  await page.tap(".iip-tab-channels");
  await until(() => document.querySelector(".iip-panel-channels:not([hidden])"));
  const small = await page.evaluate(() => [...document.querySelectorAll("button, select, a[href], input:not([type=radio], [type=range], [type=file])")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true], dialog, .leaflet-control-attribution") && !element.hidden)
    .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 90) }))
    .filter(({ box, html }) => !/iip-swatch|iip-check|iip-number|iip-grip|aria-hidden/.test(html) && box.width > 0 && (box.width < 44 || box.height < 43.5))
    .map(({ html, box }) => `${html} ${box.width}x${box.height}`));
  assert.deepEqual(small, []);
  await page.tap(".iip-panel-channels .iip-choice:last-child");
  await until(() => window.viewers[0].viewer.settings().mode === "mono");
  const grip = await (await page.$(".iip-panel-channels .iip-grip")).boundingBox();
  await page.touchscreen.touchStart(grip.x + 190, grip.y + 10);
  await page.touchscreen.touchMove(grip.x + 190, grip.y + 60);
  await page.touchscreen.touchMove(grip.x + 190, grip.y + 130);
  await page.touchscreen.touchEnd();
  await until(() => !document.querySelector(".iip-sidebar.iip-open"));
  const before = await page.$eval(".iip-coordinates-input", (input) => input.value);
  await page.touchscreen.touchStart(200, 420);
  await page.touchscreen.touchMove(170, 400);
  await page.touchscreen.touchMove(140, 380);
  await page.touchscreen.touchEnd();
  await until((old) => document.querySelector(".iip-coordinates-input").value !== old, before);
  assert.deepEqual(errors, []);
}));

async function coarse(page) {
  const session = await page.createCDPSession();
  await session.send("Emulation.setEmulatedMedia", { features: [{ name: "pointer", value: "coarse" }] });
}

test("nothing moves for those who want it still", CHROMIUM, () => onViewer({ config: CONFIG,
  before: (page) => page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]) }, async ({ page, shown }) => {
  await shown();
  assert.equal(await page.evaluate(() => window.viewers[0].viewer.map.options.zoomAnimation), false);
  assert.equal(await page.$eval(".iip-tab", (tab) => getComputedStyle(tab).transitionDuration), "0s");
}));

test("two viewers in a page keep to themselves", () => onViewers({
  configs: [{ ...CONFIG, label: "First" }, { images: [{ name: "odd_rgb8.ptif" }], label: "Second" }],
}, async ({ page, shown, until, errors }) => {
  await shown();
  await page.focus("section:nth-of-type(2) .iip-map");
  await page.keyboard.press("i");
  await until(() => window.viewers[1].viewer.settings().inverted);
  assert.equal(await page.evaluate(() => window.viewers[0].viewer.settings().inverted), false);
  await page.keyboard.press("+");
  await page.locator("section:nth-of-type(1) .iip-tab-image").click();
  await until(() => document.querySelector("section:nth-of-type(1) .iip-panel-image:not([hidden])"));
  assert.ok(await page.$("section:nth-of-type(2) .iip-panel-image[hidden]"));
  await page.locator("section:nth-of-type(1) .iip-panel-image .iip-step:last-child").click();
  await until(() => window.viewers[0].viewer.settings().contrast === 1.05);
  assert.equal(await page.evaluate(() => window.viewers[1].viewer.settings().contrast), 1);
  const ids = await page.$$eval("[id]", (list) => list.map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length);
  await shown();
  await page.evaluate(() => window.viewers[0].destroy());
  assert.ok(await page.$("section:nth-of-type(2) .iip-map"));
  await page.focus("section:nth-of-type(2) .iip-map");
  await page.keyboard.press("i");
  await until(() => !window.viewers[1].viewer.settings().inverted);
  assert.deepEqual(errors, []);
}));
