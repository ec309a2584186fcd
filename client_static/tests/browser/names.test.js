// What a page written for VisiOmatic 2 reads, changes and calls.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";

import { A, B, C, D, IMAGE, newTiles, onPage } from "./manual.mjs";

const AXE = fs.readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8",
);
const NAMES = [
  "TileLayer.IIP", "tileLayer.iip", "CRS.WCS", "CRS.wcs", "Ellipse", "ellipse", "EllipseMarker",
  "ellipseMarker", "RGB", "rgb", "SpinBox", "spinbox", "FlipSwitch", "flipswitch",
  ...["TAN", "ZEA", "CAR", "CEA", "COE", "PIX"].map((code) => `Projection.WCS.${code}`),
  ...["Channel", "Image", "Catalog", "Region", "Profile", "Snapshot", "Doc"].flatMap((name) => (
    [`Control.IIP.${name}`, `control.iip.${name.toLowerCase()}`]
  )),
  ...["Sidebar", "WCS", "Scale.WCS", "ExtraMap", "Reticle", "FullScreen", "Layers.IIP"].map(
    (name) => `Control.${name}`,
  ),
  ...["sidebar", "wcs", "scale.wcs", "extraMap", "reticle", "fullscreen", "layers.iip"].map(
    (name) => `control.${name}`,
  ),
  ...["2MASS", "GAIA_DR2", "toGeoJSON", "popup", "draw", "filter", "vizierURL"].map(
    (name) => `Catalog.${name}`,
  ),
  ...["requestURL", "parseURL", "updateURL", "checkDomain", "isExternal", "copyToClipboard",
    "flashElement", "readFITSKey", "distance", "latLngToHMSDMS", "hmsDMSToLatLng", "getCookie",
    "REG_PDEC", "REG_FLOAT"].map((name) => `IIPUtils.${name}`),
];

onPage("the layer has the state that pages read and change", {}, async (opened, page) => {
  const state = await page.evaluate(() => ({
    size: layer.iipImageSize, grid: layer.iipGridSize.slice(0, 4), tile: layer.iipTileSize,
    counts: [layer.iipBPP, layer.iipNChannel, layer.iipMinZoom, layer.iipMaxZoom],
    look: [layer.iipMode, layer.iipChannel, layer.iipContrast, layer.iipColorSat, layer.iipGamma,
      layer.iipCMap, layer.iipInvertCMap, layer.iipQuality],
    labels: layer.iipChannelLabels, flags: layer.iipChannelFlags, units: layer.iipChannelUnits[0],
    cuts: [layer.iipMinValue[1], layer.iipMaxValue[1], layer.iipdefault.minValue[1]],
    rgb: layer.iipRGB.map((color) => color.toStr()), mix: layer.iipMix[1],
    names: [layer._title, layer._url], ready: layer.iipMetaReady,
    wcs: [layer.wcs.pixelFlag, layer.wcs.celsyscode, layer.wcs.projparam.crval.lng],
    width: layer.wcs.naxis.x,
    same: layer.wcs === map.options.crs,
  }));
  assert.deepEqual(state.size, [{ x: 256, y: 256 }, { x: 512, y: 512 }, { x: 1024, y: 1024 }]);
  assert.deepEqual(state.grid.map(({ x }) => x), [1, 2, 4, 4]);
  assert.deepEqual(state.tile, { x: 256, y: 256 });
  assert.deepEqual(state.counts, [32, 5, 0, 2]);
  assert.deepEqual(state.look, ["color", 2, 0.7, 2, 2.8, "grey", false, 90]);
  assert.deepEqual(state.labels, ["u band", "g band", "r band", "i band", "z band"]);
  assert.deepEqual(state.flags, [true, true, true, true, true]);
  assert.equal(state.units, "ADUs");
  assert.deepEqual(state.cuts, [261.228027, 1375.08508, 261.228027]);
  assert.deepEqual(state.rgb, ["#0000ff", "#00ffff", "#00ff00", "#ffff00", "#ff0000"]);
  assert.deepEqual(state.mix.map(String), [B, D, D]);
  assert.deepEqual(state.names, ["multi5_1k", "/fcgi-bin/iipsrv.fcgi?FIF=multi5_1k.ptif"]);
  assert.deepEqual(state.wcs, [false, "equatorial", 150.11632213]);
  assert.equal(state.width, 1024);
  assert.ok(state.ready && state.same);
  const start = opened.requests.length;
  await page.evaluate(() => {
    layer.iipContrast = 1;
    layer.iipInvertCMap = true;
    layer.iipMinValue[1] = 300;
    layer.iipMaxValue[4] = 2500.5;
    layer.iipQuality = 75;
    layer.iipRGB[0] = L.rgb(0, 0, 0);
    layer.rgbToMix(0);
    layer.iipMix[1][0] = 0.25;
    layer.redraw();
  });
  const mix = [["0", "0.25", A, D, C], ["0", D, C, D, A], ["0", D, A, B, A]];
  const rows = mix.map((row) => row.join(",")).join(";");
  const [url] = await newTiles(opened, start, "&QLT=75");
  assert.equal(url.replace(/,\d+$/, ""), `${IMAGE}&INV&GAM=0.3571&MINMAX=2:300,1375.08508`
    + `&MINMAX=5:1912.99451,2500.5&CTW=${rows}&QLT=75&JTL=1`);
  const switched = await page.evaluate(() => {
    layer.updateMono();
    layer.iipCMap = "jet";
    layer.iipChannel = 0;
    return layer.redraw() === layer;
  });
  assert.ok(switched);
  const [mono] = await newTiles(opened, start, "&CMP=jet");
  assert.ok(mono.startsWith(`${IMAGE}&CMP=jet&INV&GAM=0.3571`));
  assert.ok(mono.includes("&CTW=1;1;1&QLT=75"));
});

onPage("all names that a page may call are there", {}, async (opened, page) => {
  const missing = await page.evaluate((names) => names.filter((name) => (
    name.split(".").reduce((at, part) => at?.[part], L) === undefined
  )), NAMES);
  assert.deepEqual(missing, []);
  const values = await page.evaluate(() => [
    L.rgb("#ff8000").toStr(), L.rgb([0, 1, 0]).isOn(), L.rgb(1, 0, 0).clone().toStr(),
    L.IIPUtils.parseURL("a=1&b=x%20y&c").b, L.IIPUtils.isExternal("https://example.org/x"),
    L.IIPUtils.isExternal("x.html"), L.IIPUtils.latLngToHMSDMS(L.latLng(2.2, 150)),
    L.CRS.wcs("CTYPE1  = 'GLON-CAR'\nCTYPE2  = 'GLAT-CAR'\nCDELT1  = -1\nCDELT2  = 1",
      { nativeCelsys: true }).celsyscode,
  ]);
  assert.deepEqual(values, [
    "#ff8000", true, "#ff0000", "x%20y", true, false, "10:00:00.000 +02:12:00.00", "galactic",
  ]);
});

onPage("axe-core finds nothing serious in any pane", {}, async (opened, page) => {
  await page.evaluate(AXE);
  await page.evaluate(() => sidebar.toggle());
  for (const name of ["channel", "image", "catalog", "region", "profile", "snapshot", "doc"]) {
    await page.evaluate((id) => sidebar.open(id), `leaflet-iip${name}`);
    await page.waitForFunction(() => document.getAnimations().length === 0);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { iframes: false });
      return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 150)}`));
    });
    assert.deepEqual(found, [], name);
  }
});
