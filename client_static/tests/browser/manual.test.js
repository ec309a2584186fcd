// A page that was written for VisiOmatic 2, on our visiomatic.js: every part of it is used once.

import assert from "node:assert/strict";

import { BASE, eventually, openPage } from "./harness.mjs";
import { closePane, IMAGE, MIX, newTiles, onPage, openPane, press, tiles } from "./manual.mjs";

const COLOR = `${IMAGE}&CNT=0.7&GAM=0.3571&CTW=${MIX}&JTL=`;
const MONO = "CTW=0,0,1;0,0,1;0,0,1";
const LINKED = "?mode=mono&channel=4&center=150.11%20%2B2.205&fov=0.02";

onPage("it opens, zooms and pans; tiles are asked for as ever", {}, async (opened, page) => {
  const { requests, until } = opened;
  const opening = requests.filter(({ url }) => url.includes("&obj="));
  assert.equal(
    opening[0].url.replace(BASE, ""),
    `${IMAGE}&obj=IIP,1.0&obj=max-size&obj=tile-size&obj=resolution-number&obj=bits-per-channel`
    + "&obj=min-max-sample-values&obj=subject",
  );
  const first = tiles(opened).filter((url) => url.startsWith(COLOR)); // not those of the overview
  assert.deepEqual([...first].sort(), [0, 1, 2, 3].map((index) => `${COLOR}1,${index}`));
  const start = requests.length;
  await page.click(".leaflet-control-zoom-in");
  await until(() => map.getZoom() === 2);
  const closer = await newTiles(opened, start, "&JTL=2,");
  assert.ok(closer.every((url) => url.startsWith(`${COLOR}2,`)));
  const before = await page.evaluate(() => map.getCenter());
  await page.focus("#map");
  await page.keyboard.press("ArrowRight");
  await until((lng) => Math.abs(map.getCenter().lng - lng) > 1e-4, before.lng);
  assert.ok(await page.evaluate(() => map.getCenter().lng) < before.lng); // east is on the left
});

onPage("channels are mixed in the panel", {}, async (opened, page) => {
  await openPane(page, "leaflet-iipchannel");
  const start = opened.requests.length;
  await press(page, "leaflet-iipchannel", "Single channel");
  const [mono] = await newTiles(opened, start, MONO);
  assert.equal(mono.replace(/,\d+$/, ""), `${IMAGE}&CNT=0.7&GAM=0.3571&${MONO}&JTL=1`);
  await press(page, "leaflet-iipchannel", "Hot");
  await newTiles(opened, start, "&CMP=hot&CNT=0.7");
  assert.deepEqual(await page.evaluate(() => [layer.iipMode, layer.iipCMap]), ["mono", "hot"]);
  await press(page, "leaflet-iipchannel", "Grey");
  await press(page, "leaflet-iipchannel", "Colour");
  assert.equal(await page.evaluate(() => layer.iipMode), "color");
});

onPage("preferences are set in the panel, one step for a press", {}, async (opened, page) => {
  await openPane(page, "leaflet-iipimage");
  const start = opened.requests.length;
  const buttons = await page.$$("#leaflet-iipimage .iip-stepper button");
  for (let pressed = 0; pressed < 3; pressed += 1) {
    await buttons[1].click(); // contrast, more
  }
  await newTiles(opened, start, "&CNT=0.85&GAM=0.3571");
  await page.click("#leaflet-iipimage input[type=checkbox]");
  await newTiles(opened, start, "&INV&CNT=0.85");
  const state = await page.evaluate(() => [layer.iipInvertCMap, layer.iipContrast]);
  assert.deepEqual(state, [true, 0.85]);
  await press(page, "leaflet-iipimage", "Reset");
  await opened.until(() => layer.iipContrast === 0.7 && !layer.iipInvertCMap);
});

onPage("a link opens it in one channel at a place", { query: LINKED }, async (opened, page) => {
  const shown = "CTW=0,0,0,0,1;0,0,0,0,1;0,0,0,0,1&JTL=";
  assert.ok(tiles(opened).some((url) => url.includes(shown)));
  const { lat, lng } = await page.evaluate(() => map.getCenter());
  assert.ok(Math.abs(lat - 2.205) < 1e-6 && Math.abs(lng - 150.11) < 1e-6);
  // 0.02 degrees are 386 pixels across a diagonal of 1664: 4.3 times, which is zoom 4.1
  assert.equal(await page.evaluate(() => map.getZoom()), 4);
});

onPage("profiles and spectra are plotted", {}, async ({ requests, until }, page) => {
  await openPane(page, "leaflet-iipprofile");
  await press(page, "leaflet-iipprofile", "Start at the centre");
  await page.evaluate(() => map.panBy([120, 0], { animate: false }));
  await press(page, "leaflet-iipprofile", "End at the centre");
  await until(() => document.querySelector(".visiomatic-dock canvas"));
  const urls = requests.filter(({ url }) => url.includes("&PFL=2:"));
  assert.ok(urls.length > 0 && urls.every(({ status }) => status === 200));
  await press(page, "leaflet-iipprofile", "Show the spectrum");
  await until(() => document.querySelectorAll(".visiomatic-dock canvas").length === 2);
  assert.ok(requests.some(({ url }) => /&PFL=2:(\d+,\d+)-\1$/.test(url)));
});

onPage("a snapshot is made by the server", {}, async (opened, page) => {
  await openPane(page, "leaflet-iipsnapshot");
  await press(page, "leaflet-iipsnapshot", "Take a picture");
  const asked = () => opened.requests.find(({ url }) => url.includes("&CVT=jpeg"));
  await eventually(asked);
  assert.equal(asked().status, 200);
  assert.ok(asked().url.replace(BASE, "").startsWith(
    `${IMAGE}&CNT=0.7&GAM=0.3571&CTW=${MIX}&RGN=0,0,1,1&WID=512&CVT=jpeg`,
  ));
});

onPage("the overview has its own image and moves the map", {}, async (opened, page) => {
  const small = ".leaflet-control-extramap";
  await page.waitForSelector(`${small} img.leaflet-tile-loaded`);
  // gamma is 2.2 (32 bits), saturation 1: each channel has its own colour alone
  const own = `${IMAGE}&GAM=0.4545&CTW=0,0,0,1,0;0,0,1,0,0;0,1,0,0,0&JTL=0,0`;
  assert.ok(tiles(opened).includes(own), tiles(opened).join("\n"));
  const before = await page.evaluate(() => map.getCenter());
  const box = await (await page.$(`${small} .leaflet-container`)).boundingBox();
  await page.mouse.click(box.x + 20, box.y + 100);
  await opened.until((lng) => Math.abs(map.getCenter().lng - lng) > 1e-4, before.lng);
});

onPage("catalogues are asked for, drawn and told of", {}, async (opened, page) => {
  await openPane(page, "leaflet-iipcatalog");
  await press(page, "leaflet-iipcatalog", "Show");
  await opened.until(() => document
    .querySelector("#leaflet-iipcatalog .iip-list")?.textContent.includes("2MASS here (3)"));
  const { url } = opened.requests.find((request) => request.url.includes("2mass.csv"));
  const words = new URL(url).searchParams;
  assert.equal(words.get("c"), "150.116322,2.209734");
  assert.equal(words.get("max"), "10001");
  assert.equal(words.get("eq"), "J2000.0");
  assert.match(words.get("bd"), /^0\.\d{4},0\.\d{4}$/);
  await page.select("#leaflet-iipcatalog select", "Own stars");
  await press(page, "leaflet-iipcatalog", "Show");
  await opened.until(() => document.querySelector("#leaflet-iipcatalog .iip-list")
    ?.textContent.includes("Own stars (2)")); // the faint one is filtered out
  const drawn = await page.evaluate(() => {
    const found = [];
    map.eachLayer((one) => one.feature && found.push([one.feature.id, one instanceof L.Ellipse]));
    return found;
  });
  assert.ok(drawn.some(([id, ellipse]) => id === "a" && ellipse));
  assert.ok(drawn.some(([id, ellipse]) => id === "10002801--212450" && !ellipse));
  await page.evaluate(() => map.eachLayer((one) => one.feature?.id === "a" && one.openPopup()));
  const popup = await page.waitForSelector(".leaflet-popup-content", { visible: true });
  const text = await popup.evaluate((element) => element.innerHTML);
  assert.match(text, /https:\/\/example\.org\/150\.117000,2\.210000/);
  assert.match(text, /17\.5 mag.*6 \u2033/s); // &#8243; in the page
  assert.match(text, /6 \u2033/); // &#8243; in the page
});

onPage("regions are drawn, and their descriptions cannot run scripts", {}, async (opened, page) => {
  await opened.until(() => document.querySelector("path.leaflet-interactive")); // load: true
  await openPane(page, "leaflet-iipregion");
  await page.select("#leaflet-iipregion select", "1");
  await press(page, "leaflet-iipregion", "Show");
  await opened.until(() => document.querySelector("#leaflet-iipregion .iip-list")
    ?.textContent.includes("points of interest (2)"));
  await page.evaluate(() => map.eachLayer((one) => (
    one.feature?.properties?.description?.includes("One") && one.openPopup()
  )));
  const popup = await page.waitForSelector(".leaflet-popup-content", { visible: true });
  assert.equal(await popup.evaluate((element) => element.querySelector("i").textContent), "One");
});

onPage("the coordinate box goes to places and gives links", {}, async (opened, page) => {
  const input = await page.$(".leaflet-control-wcs-input");
  assert.equal(await input.evaluate((element) => element.value), "10:00:27.917 +02:12:35.04");
  await input.click({ clickCount: 3 });
  await page.keyboard.type("10:00:26.4 +02:12:18\n");
  await opened.until(() => Math.abs(map.getCenter().lng - 150.11) < 1e-4);
  await page.select(".leaflet-control-wcs-select", "RA,Dec (deg)");
  const value = () => input.evaluate((element) => element.value);
  await eventually(async () => (await value()).startsWith("150.11"));
  await page.click(".leaflet-control-wcs-clipboard");
  await opened.until(() => location.search.includes("center=") && location.search.includes("fov="));
  const center = new URL(page.url()).searchParams.get("center");
  assert.match(center, /^10:00:26\.\d{3} \+02:12:1[78]\.\d\d$/);
  const again = await openPage({ url: page.url() });
  const [there, here] = await Promise.all([again.until(() => map._loaded && map.getCenter()),
    page.evaluate(() => map.getCenter())]);
  assert.ok(Math.hypot(there.lat - here.lat, there.lng - here.lng) < 1e-5);
  await again.close();
});

onPage("the full screen is entered and left", {}, async (opened, page) => {
  await page.evaluate(() => {
    window.heard = [];
    map.on("enterFullscreen exitFullscreen", ({ type }) => window.heard.push(type));
  });
  await page.click(".leaflet-control-zoom-fullscreen");
  await opened.until(() => window.heard.length === 1);
  await page.click(".leaflet-control-zoom-fullscreen");
  await opened.until(() => window.heard.length === 2);
  assert.deepEqual(await page.evaluate(() => window.heard), ["enterFullscreen", "exitFullscreen"]);
});

onPage("the side bar tells what it does, and shows the documentation", {}, async (opened, page) => {
  await page.evaluate(() => {
    window.heard = [];
    sidebar.on("content opening closing expanding collapsing", ({ type, id }) => (
      window.heard.push(id ?? type)
    ));
  });
  await openPane(page, "leaflet-iipdoc");
  await opened.until(() => document.querySelector("#leaflet-iipdoc iframe").contentDocument
    ?.querySelector("h1")?.textContent === "Documentation of the page");
  assert.ok(await page.$("#leaflet-iipdoc a[href$='documentation.pdf']"));
  await closePane(page, "leaflet-iipdoc");
  await page.click(".leaflet-control-zoom-sidebar");
  assert.deepEqual(await page.evaluate(() => window.heard),
    ["closing", "expanding", "leaflet-iipdoc", "opening", "closing", "collapsing"]);
});
