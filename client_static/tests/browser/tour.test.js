// A person's tour through the viewer: everything is tried once, and the console stays empty.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, BROWSER, eventually, openPage } from "./harness.mjs";
import { onViewer } from "./viewer.mjs";

const CONFIG = {
  label: "Tour",
  grid: { shown: false },
  regions: [
    { name: "Fields", url: "/pages/fields.geojson", color: "#56b4e9", label: true },
    { name: "Shapes", url: "/pages/shapes.reg", color: "#e69f00" },
  ],
  catalogs: ["GAIA_DR2", { name: "Survey", service: "this site", url: "/pages/survey.csv?at={lng},{lat}",
    properties: ["G", "Colour"], units: ["mag", ""], objurl: "https://example.org/{id}" }],
  resolver: "/pages/sesame.txt?",
  overview: { width: 150, height: 150 },
};

/** Keep what is saved, instead of saving it. */
const keepDownloads = (page) => page.evaluateOnNewDocument(() => {
  window.saved = [];
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function press() {
    return this.download ? window.saved.push(this.download) : click.call(this);
  };
});

const onTour = (run) => onViewer({ config: CONFIG, before: keepDownloads }, run);
const tiles = (requests) => requests.filter(({ url }) => url.includes("&JTL=")).map(({ url }) => url);

test("the image opens, zooms and pans", () => onTour(async ({ page, shown, until, errors, press, focusMap }) => {
  await shown();
  const first = await page.$eval(".iip-readout-zoom", (element) => element.textContent);
  await press(".leaflet-control-zoom-in");
  await until((before) => document.querySelector(".iip-readout-zoom").textContent !== before, first);
  await shown();
  const place = await page.$eval(".iip-coordinates-input", (input) => input.value);
  await focusMap();
  await page.keyboard.press("ArrowRight");
  await until((before) => document.querySelector(".iip-coordinates-input").value !== before, place);
  await shown();
  assert.deepEqual(errors, []);
}));

test("contrast changes by one step a press, and the tiles say so", () => onTour(async ({ page, shown, panel, requests, errors }) => {
  await shown();
  await panel("image");
  const plus = await page.$(".iip-panel-image .iip-spin .iip-step:last-child");
  for (let press = 0; press < 3; press += 1) {
    await plus.click();
  }
  await eventually(() => tiles(requests).some((url) => url.includes("&CNT=1.15&")));
  await shown();
  assert.ok(!tiles(requests).some((url) => url.includes("&CNT=1.3&")));
  assert.deepEqual(errors, []);
}));

test("channels are mixed, coloured and shown alone", () => onTour(async ({ page, shown, panel, press, requests, errors }) => {
  await shown();
  await panel("channels");
  await press(".iip-panel-channels .iip-swatch[title='vermilion']");
  await eventually(async () => (await page.$eval(".iip-panel-channels .iip-item .iip-dot", (dot) => dot.style.backgroundColor)) === "rgb(213, 94, 0)");
  await press(".iip-panel-channels .iip-item .iip-bare");
  await eventually(async () => (await page.$$(".iip-panel-channels .iip-item")).length === 4);
  await press(".iip-panel-channels .iip-choice:last-child");
  await eventually(() => tiles(requests).some((url) => url.includes("&CTW=1;1;1&")));
  await press(".iip-map-jet");
  await eventually(() => tiles(requests).some((url) => url.includes("?FIF=multi5_1k.ptif&CMP=jet&")));
  await shown();
  assert.deepEqual(errors, []);
}));

test("a profile at any angle and a spectrum are plotted, each in its own card", () => onTour(async ({ page, shown, panel, press, focusMap, until, requests, errors }) => {
  await shown();
  await panel("profile");
  await press(".iip-panel-profile .iip-main");
  await focusMap();
  for (const key of ["ArrowRight", "ArrowDown"]) {
    const before = await page.$eval(".iip-coordinates-input", (input) => input.value);
    await page.keyboard.press(key);
    await until((old) => document.querySelector(".iip-coordinates-input").value !== old, before);
  }
  await new Promise((resolve) => setTimeout(resolve, 500)); // the movement ends softly
  await press(".iip-panel-profile .iip-main");
  await until(() => document.querySelectorAll(".iip-plot-card canvas").length === 1);
  await page.locator(".iip-panel-profile .iip-group:nth-of-type(2) .iip-main").click();
  await until(() => document.querySelectorAll(".iip-plot-card canvas").length === 2);
  assert.ok(requests.filter(({ url }) => url.includes("&PFL=")).length > 2);
  const titles = await page.$$eval(".iip-plot-card h3", (list) => list.map(({ textContent }) => textContent));
  assert.match(titles[0], /^Profile of /);
  assert.match(titles[1], /^Spectrum at \d+, \d+$/);
  await press(".iip-plot-card [aria-label='Save as CSV']");
  assert.deepEqual((await page.evaluate(() => window.saved))[0].slice(0, 10), "Profile_of");
  await press(".iip-panel-profile .iip-item .iip-bare");
  await until(() => document.querySelectorAll(".iip-plot-card").length === 1);
  assert.deepEqual(errors, []);
}));

test("a picture is saved under a name of ours", () => onTour(async ({ page, shown, panel, press, requests, errors }) => {
  await shown();
  await panel("snapshot");
  await press(".iip-panel-snapshot .iip-main");
  await eventually(async () => (await page.evaluate(() => window.saved.length)) === 1);
  assert.match((await page.evaluate(() => window.saved))[0], /^multi5_1k_.*\.jpg$/);
  assert.ok(requests.some(({ url, status }) => /&RGN=.*&WID=\d+&CVT=jpeg$/.test(url) && status === 200));
  assert.deepEqual(errors, []);
}));

test("regions are drawn, labelled and described", () => onTour(async ({ page, shown, panel, press, until, text, errors }) => {
  await shown();
  await panel("region");
  await press(".iip-panel-region .iip-main");
  await until(() => document.querySelectorAll(".iip-label-tip").length === 2);
  assert.equal(await text(".iip-panel-region .iip-item-name"), "Fields (2)");
  await page.select(".iip-panel-region select", "1");
  await press(".iip-panel-region .iip-main");
  await until(() => document.querySelectorAll(".iip-panel-region .iip-item").length === 2);
  assert.equal(await page.$eval(".iip-panel-region .iip-item:last-child .iip-item-name", (name) => name.textContent), "Shapes (3)");
  await press(".iip-panel-region .iip-item .iip-check");
  await until(() => document.querySelectorAll(".iip-label-tip").length === 0);
  assert.deepEqual(errors, []);
}));

test("a catalogue is asked for on a press, and its sources tell their values", () => onTour(async ({ page, shown, panel, press, focusMap, until, requests, errors }) => {
  await shown();
  await panel("catalog");
  await page.select(".iip-panel-catalog select", "Survey");
  assert.ok(!requests.some(({ url }) => new URL(url).pathname.endsWith("survey.csv")));
  await press(".iip-panel-catalog .iip-main");
  await until(() => document.querySelector(".iip-panel-catalog .iip-item-name")?.textContent === "Survey (2)");
  await page.evaluate(() => window.viewers[0].viewer.map.setView(
    window.viewers[0].viewer.overlays.all("catalog")[0].layer.getLayers()[0].getLatLng(), 2, { animate: false },
  ));
  await focusMap();
  await page.keyboard.press("Enter");
  await until(() => document.querySelector(".iip-source"));
  const popup = await page.$eval(".iip-source", (element) => element.innerText.replace(/\s+/g, " "));
  assert.equal(popup, "S1 G 14.5 mag Colour 0.7 Survey");
  assert.equal(await page.$eval(".iip-source a", (anchor) => anchor.href), "https://example.org/S1");
  assert.deepEqual(errors, []);
}));

test("the box takes positions of all kinds, and names on request", () => onTour(async ({ page, shown, until, message, requests, errors }) => {
  await shown();
  const go = async (words) => {
    await page.focus(".iip-coordinates-input");
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
  };
  const centre = () => page.evaluate(() => {
    const { lat, lng } = window.viewers[0].viewer.map.getCenter();
    return [lng.toFixed(4), lat.toFixed(4)];
  });
  const [lng, lat] = (await centre()).map(Number);
  const target = [lng + 0.002, lat + 0.002];
  await go(`${target[0]} ${target[1]}`);
  await eventually(async () => Math.abs((await centre())[1] - target[1]) < 2e-4);
  assert.ok(!requests.some(({ url }) => new URL(url).pathname.endsWith("sesame.txt")));
  await go("M 51");
  await eventually(() => requests.some(({ url }) => url.endsWith("sesame.txt?M%2051")));
  await eventually(async () => (await centre()).join(" ") === "202.4696 47.1953");
  await go("12 34 56 78");
  await message("is no position");
  await until(() => document.querySelector(".iip-coordinates-input").value !== "");
  assert.deepEqual(errors, []);
}));

test("the overview steers the map, and can be put away", () => onTour(async ({ page, shown, press, until, errors }) => {
  await shown();
  await press(".leaflet-control-zoom-in");
  await press(".leaflet-control-zoom-in");
  await until(() => document.querySelector(".iip-overview-box, .iip-overview-map .leaflet-interactive, .iip-overview-map canvas, .iip-overview-map path"));
  const before = await page.$eval(".iip-coordinates-input", (input) => input.value);
  const frame = await (await page.$(".iip-overview-map")).boundingBox();
  await page.mouse.click(frame.x + 30, frame.y + 30);
  await until((old) => document.querySelector(".iip-coordinates-input").value !== old, before);
  await press(".iip-overview-button");
  await until(() => document.querySelector(".iip-overview-map").clientHeight === 0);
  await shown();
  assert.deepEqual(errors, []);
}));

test("the header is searched", () => onTour(async ({ page, shown, panel, until, errors }) => {
  await shown();
  await panel("header");
  const all = await page.$$eval(".iip-card", (cards) => cards.length);
  assert.ok(all > 10);
  await page.type(".iip-panel-header input", "crval");
  await until(() => document.querySelectorAll(".iip-card").length === 2);
  assert.equal(await page.$eval(".iip-card mark", (mark) => mark.textContent), "CRVAL");
  assert.deepEqual(errors, []);
}));

test("the grid, the full screen and the help come and go", () => onTour(async ({ page, shown, focusMap, until, errors }) => {
  await shown();
  await focusMap();
  await page.keyboard.press("g");
  await until(() => document.querySelectorAll(".iip-grid-label").length > 3);
  await page.keyboard.press("g");
  await until(() => document.querySelectorAll(".iip-grid-label").length === 0);
  await page.keyboard.press("?");
  await until(() => document.querySelector("dialog[open] kbd"));
  await page.keyboard.press("Escape");
  await until(() => !document.querySelector("dialog[open]"));
  if (BROWSER === "chromium") { // Firefox asks for a person's press
    await page.keyboard.press("f");
    await until(() => document.fullscreenElement?.classList.contains("iip-viewer"));
    await page.keyboard.press("f");
    await until(() => !document.fullscreenElement);
  }
  await shown();
  assert.deepEqual(errors, []);
}));

test("a link brings back the whole state", () => onTour(async ({ page, shown, panel, press, focusMap, until, errors }) => {
  await shown();
  await panel("channels");
  await press(".iip-panel-channels .iip-choice:last-child");
  await press(".leaflet-control-zoom-in");
  await focusMap();
  await page.keyboard.press("i");
  await page.keyboard.press("]");
  await page.keyboard.press("g");
  await panel("region");
  await press(".iip-panel-region .iip-main");
  await until(() => document.querySelectorAll(".iip-label-tip").length === 2);
  await new Promise((resolve) => setTimeout(resolve, 500)); // the zoom ends softly
  const link = await page.evaluate(() => window.viewers[0].link());
  const before = await stateOf(page);
  await page.goto(link + new URL(page.url()).hash, { waitUntil: "load" });
  await shown();
  await until(() => document.querySelectorAll(".iip-label-tip").length === 2);
  assert.deepEqual(await stateOf(page), before);
  assert.deepEqual(errors, []);
}));

const stateOf = (page) => page.evaluate(() => {
  const { viewer } = window.viewers[0];
  const { lat, lng } = viewer.map.getCenter();
  return { settings: viewer.settings(), at: [lng.toFixed(5), lat.toFixed(5)], zoom: viewer.map.getZoom(), grid: viewer.map.hasLayer(viewer.grid) };
});

test("the built client makes a viewer in a page of one's own", async () => {
  const { page, until, errors, close } = await openPage({ url: "/pages/embedded.html?mode=mono&channel=2", width: 700, height: 600 });
  try {
    await until(allTilesShown);
    assert.equal(await page.$eval("h1", (title) => title.textContent), "Bands");
    assert.deepEqual(await page.evaluate(() => [window.sky.viewer.settings().mode, window.sky.viewer.settings().channel]), ["mono", 1]);
    assert.equal((await page.$$(".iip-tab")).length, 1);
    assert.deepEqual(errors, []);
  } finally {
    await close();
  }
});
