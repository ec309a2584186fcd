// The options of VisiOmatic 2, one by one: what a layer asks for with them, where a map looks.
//
// Expected addresses are written by hand: with channel colours of 0 and 1 and saturation 1 the
// matrix is made of the colours themselves.

import assert from "node:assert/strict";

import { eventually } from "./harness.mjs";
import { IMAGE, newTiles, onPage, openPane, press } from "./manual.mjs";

const WHITE = { channelColors: [[1, 1, 1]] };
const WHITE_MIX = "CTW=1,0,0,0,0;1,0,0,0,0;1,0,0,0,0";
const MONO = { mixingMode: "mono", defaultChannel: 0 };
const LINEAR = "&GAM=0.4545"; // of 32 bits, unless the page says otherwise

const LAYERS = [ // options, the address between the image and &JTL=
  [WHITE, `${LINEAR}&${WHITE_MIX}`],
  [{ ...WHITE, gamma: 1 }, `${LINEAR}&${WHITE_MIX}`],
  [{ ...WHITE, gamma: 2 }, `&GAM=0.5000&${WHITE_MIX}`],
  [{ ...WHITE, contrast: 0.5 }, `&CNT=0.5${LINEAR}&${WHITE_MIX}`],
  [{ ...WHITE, cMap: "jet" }, `&CMP=jet${LINEAR}&${WHITE_MIX}`],
  [{ ...WHITE, cmap: "cold" }, `&CMP=cold${LINEAR}&${WHITE_MIX}`],
  [{ ...WHITE, cMap: "grey", invertCMap: true }, `&INV${LINEAR}&${WHITE_MIX}`],
  [{ ...WHITE, quality: 35 }, `${LINEAR}&${WHITE_MIX}&QLT=35`],
  [MONO, `${LINEAR}&CTW=1;1;1`],
  [{ ...MONO, defaultChannel: 3 }, `${LINEAR}&CTW=0,0,0,1;0,0,0,1;0,0,0,1`],
  [{ ...MONO, defaultChannel: 9 }, `${LINEAR}&CTW=1;1;1`],
  [{ ...MONO, minMaxValues: [[1, 2], [], [3, 4.5]] },
    `${LINEAR}&MINMAX=1:1,2&MINMAX=3:3,4.5&CTW=1;1;1`],
  [{ ...MONO, cMap: "hot", invertCMap: true, contrast: 1.5, gamma: 2, quality: 50 },
    "&CMP=hot&INV&CNT=1.5&GAM=0.5000&CTW=1;1;1&QLT=50"],
  [{ channelColors: [null, [1, 0, 0], null, [0, 0, 1]], gamma: 2 },
    "&GAM=0.5000&CTW=0,1,0,0,0;0,0,0,0,0;0,0,0,1,0"],
  [{ channelColors: [[1, 0, 0]], gamma: 2, colorSat: 0 },
    `&GAM=0.5000&CTW=${Array(3).fill("0.3333333333333333,0,0,0,0").join(";")}`],
];

/** In the page: make a layer, and return what `read` finds when the server has told of it. */
const LAYER = `window.layerOf = (url, options, read) => new Promise((done) => {
  const made = L.tileLayer.iip(url, options);
  made.on("metaload", () => done(read(made)));
});
window.mapOf = (url, options, mapOptions) => new Promise((done) => {
  const place = document.createElement("div");
  Object.assign(place.style, {
    position: "absolute", width: "500px", height: "400px", zIndex: 5000, top: "300px",
  });
  document.body.append(place);
  const small = L.map(place, { zoom: 2, ...mapOptions });
  const made = L.tileLayer.iip(url, options).addTo(small);
  made.on("load", () => done({ small, made, place }));
});`;

onPage("each option of the picture is in a tile's address", {}, async (_, page) => {
  await page.evaluate(LAYER);
  const urls = await page.evaluate((image, list) => Promise.all(list.map((options) => (
    window.layerOf(image, options, (made) => made.getTileUrl({ x: 1, y: 1, z: 1 }))
  ))), IMAGE, LAYERS.map(([options]) => options));
  LAYERS.forEach(([options, query], index) => {
    assert.equal(urls[index], `${IMAGE}${query}&JTL=1,3`, JSON.stringify(options));
  });
});

onPage("labels, units, titles and zooms are options", {}, async (_, page) => {
  await page.evaluate(LAYER);
  const told = await page.evaluate((image) => Promise.all([{}, {
    title: "A sky", channelLabels: ["ultraviolet"], channelUnits: ["Jy", "mJy"], maxZoom: 5,
    minZoom: 1, channelLabelMatch: "^[gr]$",
  }].map((options) => window.layerOf(image, options, (made) => [
    made._title, made.iipChannelLabels, made.iipChannelUnits, made.iipChannelFlags,
    made.options.maxZoom, made.options.minZoom, made.options.maxNativeZoom,
    made.iipRGB.map((color) => color.toStr()),
  ]))), `${IMAGE}&WID=300`);
  assert.deepEqual(told[0], [
    "multi5_1k", ["u", "g", "r", "i", "z"], Array(5).fill("ADUs"), Array(5).fill(true), 8, 0, 2,
    ["#0000ca", "#007ba8", "#00ca00", "#a87b00", "#ca0000"],
  ]);
  assert.deepEqual(told[1], [
    "A sky", ["ultraviolet", "g", "r", "i", "z"], ["Jy", "mJy", "ADUs", "ADUs", "ADUs"],
    [false, true, true, false, false], 5, 1, 2,
    ["#000000", "#00baff", "#ffba00", "#000000", "#000000"],
  ]);
});

onPage("maps of one page look where their options say", {}, async ({ until }, page) => {
  await page.evaluate(LAYER);
  const views = await page.evaluate((image) => Promise.all([
    [{}, {}],
    [{ center: "150.11, 2.2" }, {}],
    [{ center: "10:00:26.4 +02:12:00", fov: 0.01 }, {}],
    [{}, { center: [2.205, 150.12], zoom: 1 }],
  ].map(async ([options, mapOptions]) => {
    const { small } = await window.mapOf(image, options, mapOptions);
    const { lat, lng } = small.getCenter();
    return [lng.toFixed(4), lat.toFixed(4), small.getZoom()];
  })), IMAGE);
  assert.deepEqual(views, [
    ["150.1163", "2.2097", 2], // CRVAL
    ["150.1100", "2.2000", 2],
    ["150.1100", "2.2000", 4], // 640 pixels of a diagonal are 193 of the image: 3.3 times
    ["150.1200", "2.2050", 1],
  ]);
  await until(() => document.querySelectorAll(".leaflet-container").length >= 5);
});

onPage("the name of an object is asked for", {}, async (opened, page) => {
  const asked = [];
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (!request.url().includes("nph-sesame")) {
      request.continue();
      return;
    }
    asked.push(request.url());
    const headers = { "Access-Control-Allow-Origin": "*", "Content-Type": "text/plain" };
    request.respond({ status: 200, headers, body: "# M 1\n%J 150.1050 +2.2050 = 10:00\n" });
  });
  await page.evaluate(LAYER);
  await page.evaluate(async (image) => {
    window.made = await window.mapOf(image, { center: "M 1", sesameURL: "/data/nph-sesame" }, {});
  }, IMAGE);
  await opened.until(() => Math.abs(window.made.small.getCenter().lng - 150.105) < 1e-4);
  assert.ok(asked[0].endsWith("/data/nph-sesame/-oI/A?M%201"));
});

const GALACTIC = "/fcgi-bin/iipsrv.fcgi?FIF=galactic_2d.fits";
const NO_SKY = "/fcgi-bin/iipsrv.fcgi?FIF=sep_image.fits";

onPage("a galactic image opens at its place, in its own system or not", {}, async (_, page) => {
  await page.evaluate(LAYER);
  const found = await page.evaluate((image) => Promise.all([false, true].map(
    async (nativeCelsys) => {
      const { small, made } = await window.mapOf(image, { nativeCelsys }, { zoom: 3 });
      const { lat, lng } = small.getCenter();
      const { wcs } = made;
      const convert = nativeCelsys ? "celsysToEq" : "eqToCelsys";
      const there = wcs[convert](small.getCenter());
      return [wcs.celsyscode, wcs.forceNativeCelsys, lng, lat, there.lng, there.lat];
    },
  )), GALACTIC);
  const near = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-3, `${value}`);
  const sky = [266.40499, -28.93617]; // l = b = 0
  assert.deepEqual(found.map((row) => row.slice(0, 2)), [["galactic", false], ["galactic", true]]);
  found[0].slice(2, 4).forEach((value, axis) => near(value, sky[axis]));
  found[1].slice(4, 6).forEach((value, axis) => near(value, sky[axis]));
  near(found[0][5], 0);
  near(found[1][3], 0);
});

onPage("an image without a sky has pixels, and links to them", {}, async (opened, page) => {
  await page.evaluate(LAYER);
  const found = await page.evaluate(async (image) => {
    const { small, made } = await window.mapOf(image, { center: "100, 50" }, { zoom: 3 });
    const box = L.control.wcs({ position: "topleft" }).addTo(small);
    const { lat, lng } = small.getCenter();
    const { value } = box.getContainer().querySelector("input");
    return [made.wcs.pixelFlag, Math.round(lng), Math.round(lat), value];
  }, NO_SKY);
  assert.deepEqual(found, [true, 100, 50, "100, 50"]);
});

onPage("a missing image is told in the page", {}, async (opened, page) => {
  await page.evaluate(() => L.tileLayer.iip("/fcgi-bin/iipsrv.fcgi?FIF=none.ptif").addTo(map));
  await opened.until(() => document.querySelector(".visiomatic-messages")?.textContent
    .includes("The image “none” cannot be shown."));
  const failed = opened.errors.splice(0); // the browser's own line about the 404
  assert.ok(failed.every((text) => text.includes("404")), failed.join("\n"));
  await page.click(".leaflet-control-zoom-in");
  await opened.until(() => map.getZoom() === 2);
});

onPage("panels are controls too, opened by pointing or by keys", {}, async (opened, page) => {
  await page.evaluate(() => {
    L.control.iip.image({ position: "bottomleft" }).addTo(map);
    L.control.iip.channel({ position: "bottomright", collapsed: false }).addTo(map);
  });
  const own = ".leaflet-bottom.leaflet-left .leaflet-control-iip";
  await page.hover(`${own} .leaflet-control-iip-toggle`);
  await page.waitForSelector(`${own}-expanded .leaflet-control-iip-dialog`, { visible: true });
  await page.mouse.move(600, 300);
  await opened.until((name) => !document.querySelector(name), `${own}-expanded`);
  await page.focus(`${own} .leaflet-control-iip-toggle`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${own}-expanded`);
  const open = ".leaflet-bottom.leaflet-right .leaflet-control-iip-expanded";
  await page.click(`${open} ::-p-text(Single channel)`);
  assert.equal(await page.evaluate(() => layer.iipMode), "mono");
});

onPage("widgets of a page's own panel count each press once", {}, async (opened, page) => {
  const values = await page.evaluate(() => {
    window.told = [];
    const Own = L.Control.IIP.extend({
      options: { title: "Own panel" },
      _id: "own-panel",
      _initDialog() {
        const line = this._addDialogLine("Level", this._addDialogBox("own-box"));
        const spin = L.spinbox(this._addDialogElement(line), {
          step: 0.1, dmin: 0, dmax: 1, initValue: 0.8, title: "Level",
        });
        spin.on("change", () => window.told.push(spin.value()));
        const flip = L.flipswitch(this._addDialogElement(line), { checked: true, title: "On" });
        flip.on("change", () => window.told.push(flip.value()));
        window.spin = spin;
        window.flip = flip;
      },
    });
    new Own().addTo(sidebar);
    sidebar.toggle();
    sidebar.open("own-panel");
    return [window.spin.value(), window.spin.step(), window.flip.value()];
  });
  assert.deepEqual(values, [0.8, 0.1, true]);
  await page.waitForSelector("#own-box .leaflet-spinbox-up", { visible: true });
  await opened.until(() => document.querySelector(".sidebar").getBoundingClientRect().width > 330);
  for (let pressed = 0; pressed < 3; pressed += 1) {
    await page.click("#own-box .leaflet-spinbox-up"); // the third would pass the limit
  }
  await page.focus("#own-box .leaflet-spinbox-down");
  await page.keyboard.press("Enter");
  await page.click("#own-box input.leaflet-flipswitch");
  await eventually(async () => (await page.evaluate(() => window.told.length)) === 5);
  assert.deepEqual(await page.evaluate(() => window.told), [0.9, 1, 1, 0.9, false]);
});

for (const [name, url, plugin] of [
  ["a page without Leaflet gets ours", "/pages/manual-bare.html", null],
  ["a page with Leaflet 1.0 keeps its plug-ins", "/pages/manual-old.html", "plain 1.9.4"],
]) {
  onPage(name, { url }, async (opened, page) => {
    assert.equal(await page.evaluate(() => L.version), "1.9.4");
    assert.equal(await page.evaluate(() => map.plainMethod?.() ?? null), plugin);
    await page.evaluate(() => L.control.plain?.().addTo(map));
    assert.equal(Boolean(await page.$(".plain-plugin")), plugin !== null);
    const start = opened.requests.length;
    await page.click(".leaflet-control-zoom-in");
    await newTiles(opened, start, "&JTL=2,");
    await openPane(page, "leaflet-iipprofile");
    await press(page, "leaflet-iipprofile", "Show the spectrum");
    await opened.until(() => document.querySelector(".visiomatic-dock canvas"));
  });
}
