// The layer of tiles, on a map of its own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, BASE, BROWSER, eventually, openPage } from "./harness.mjs";
import { startProxy } from "./proxy.mjs";

const CHROMIUM = { skip: BROWSER === "chromium" ? false : "Chromium alone has it" };
const TILE = /&JTL=/;

/** Run a test on the page, and close everything after it. */
async function onLayer({ image = "multi5_1k.ptif", query = "", base = BASE, ...options }, run) {
  const opened = await openPage({
    url: `${base}/pages/layer.html?FIF=${image}${query}`, width: 800, height: 600, ...options,
  });
  try {
    await run(opened);
  } finally {
    await opened.close();
  }
}

async function onBadLine({ decide, ...options }, run) {
  const proxy = await startProxy(BASE, decide);
  try {
    await onLayer({ base: proxy.url, ...options }, (opened) => run({ ...opened, proxy }));
  } finally {
    await proxy.stop().catch(() => {});
  }
}

const loaded = () => window.told?.some(({ name }) => name === "load");
const named = (page, name) => page.evaluate(
  (wanted) => window.told.filter((one) => one.name === wanted), name,
);
const sources = () => [...document.querySelectorAll("img.leaflet-tile")].map((tile) => tile.src);

test("an image opens as a whole, without an error", () => onLayer({}, async ({ page, until, errors }) => {
  await until(loaded);
  assert.ok(await page.evaluate(allTilesShown));
  assert.deepEqual(errors, []);
  const whole = await page.evaluate(() => {
    const [width, height] = window.layer.info.size;
    const corners = [[0, 0], [width, height]].map((corner) => window.layer.crs.unproject(window.L.point(corner)));
    return corners.every((corner) => window.map.getBounds().contains(corner));
  });
  assert.ok(whole);
}));

test("tiles of the edges have their true size", () => onLayer(
  { image: "odd_rgb8.ptif", query: "&zoom=1" },
  async ({ page, until }) => {
    await until(loaded);
    const sizes = await page.evaluate(() => (
      [...document.querySelectorAll("img.leaflet-tile")].map((tile) => ({
        shown: [tile.offsetWidth, tile.offsetHeight],
        true: [tile.naturalWidth, tile.naturalHeight],
      }))
    ));
    assert.ok(sizes.some(({ shown }) => shown[0] < 256));
    sizes.forEach((size) => assert.deepEqual(size.shown, size.true));
  },
));

test("pixels stay pixels when they are enlarged", () => onLayer(
  { query: "&zoom=4" },
  async ({ page, until }) => {
    await until(loaded);
    const looks = () => getComputedStyle(document.querySelector("img.leaflet-tile")).imageRendering;
    assert.equal(await page.evaluate(looks), "pixelated");
    assert.ok((await page.evaluate(sources)).every((url) => url.includes("&JTL=2,")));
    await page.evaluate(() => window.map.setZoom(1));
    await until(() => document.querySelector("img.leaflet-tile").src.includes("&JTL=1,"));
    assert.equal(await page.evaluate(looks), "auto");
  },
));

test("a fine screen gets a level more, at half its size", CHROMIUM, () => onLayer(
  { query: "&zoom=1", scale: 2 },
  async ({ page, until }) => {
    await until(loaded);
    const tiles = await page.evaluate(() => (
      [...document.querySelectorAll("img.leaflet-tile")].map((tile) => (
        [tile.src.split("&JTL=")[1][0], tile.getBoundingClientRect().width]
      ))
    ));
    assert.ok(tiles.length > 4);
    tiles.forEach((tile) => assert.deepEqual(tile, ["2", 128]));
  },
));

test("tiles stay until their successors have come", () => onBadLine(
  { decide: (url) => (url.includes("CNT=") ? { delay: 700 } : undefined), query: "&zoom=1" },
  async ({ page, until }) => {
    await until(loaded);
    const fewest = await page.evaluate(() => new Promise((resolve) => {
      const count = () => [...document.querySelectorAll("img.leaflet-tile-loaded")]
        .filter((tile) => tile.complete && tile.naturalWidth).length;
      const counts = [count()];
      const watch = () => {
        counts.push(count());
        if (window.told.filter(({ name }) => name === "load").length > 1) {
          resolve(counts.every((number) => number === counts[0]) && counts[0]);
        } else {
          requestAnimationFrame(watch);
        }
      };
      window.layer.setSettings({ contrast: 1.5 });
      watch();
    }));
    assert.equal(fewest, 4); // 512 × 512 pixels
    const urls = await page.evaluate(sources);
    assert.ok(urls.every((url) => url.includes("&CNT=1.5&")));
    assert.deepEqual((await named(page, "settings")).length, 1);
  },
));

test("only the last of many settings is waited for", () => onBadLine(
  { decide: (url) => (url.includes("CNT=1.") ? { delay: 60_000 } : undefined) },
  async ({ page, until }) => {
    await until(loaded);
    await page.evaluate(() => [1.1, 1.2, 1.3, 2].forEach((contrast) => window.layer.setSettings({ contrast })));
    await until(() => (
      [...document.querySelectorAll("img.leaflet-tile")].every((tile) => tile.src.includes("&CNT=2&"))
    ));
    await until(() => window.told.at(-1).name === "load");
  },
));

test("a setting that is taken back asks for nothing", () => onLayer({}, async ({ page, until, requests }) => {
  await until(loaded);
  const before = requests.length;
  await page.evaluate(() => {
    window.layer.setSettings({ contrast: 3 });
    window.layer.setSettings({ contrast: 1 });
  });
  await until(() => window.told.at(-1).name === "load" && !window.layer._loads.size);
  assert.ok(requests.slice(before).every(({ failure }) => failure));
  assert.ok((await page.evaluate(sources)).every((url) => !url.includes("CNT")));
}));

test("tiles that have left the view are not waited for", () => onBadLine(
  { decide: (url) => (/&JTL=2,(0|1|4|5)$/.test(url) ? { delay: 60_000 } : undefined), query: "&zoom=2", width: 400, height: 400 },
  async ({ page, until, requests }) => {
    await until(() => window.layer?.info && window.map._loaded);
    await page.evaluate(() => window.map.setView(
      window.layer.crs.unproject(window.L.point(200, 200)), 2, { animate: false },
    ));
    await until(() => window.layer._loads.size >= 4);
    for (let step = 0; step < 2; step += 1) {
      await page.evaluate(() => window.map.panBy([300, 300], { animate: false }));
    }
    await until(() => window.told.at(-1).name === "load" && !window.layer._loads.size);
    assert.ok((await named(page, "tileabort")).length >= 1);
    await eventually(() => requests.some(({ url, failure }) => TILE.test(url) && failure));
  },
));

test("an image that is not there is told in the server's words", () => onLayer(
  { image: "nothing.ptif" },
  async ({ page, until }) => {
    await until(() => window.told?.some(({ name }) => name === "metaerror"));
    assert.match((await named(page, "metaerror"))[0].message, /^The server answers 404: \w/);
  },
));

for (const [what, fate, message] of [
  ["a tile that is not there", { status: 404, body: "no such tile" }, /answers 404: no such tile/],
  ["a page in the place of a tile", { status: 200, headers: { "Content-Type": "text/html" }, body: "<h1>Log in</h1>" }, /text\/html/],
  ["a picture that is none", { status: 200, headers: { "Content-Type": "image/jpeg" }, body: "x" }, /broken picture/],
  ["a server that keeps failing", { status: 500, body: "no memory" }, /answers 500: no memory/],
]) {
  test(`${what} is told, and no broken picture is shown`, () => onBadLine(
    { decide: (url) => (TILE.test(url) ? fate : undefined) },
    async ({ page, until }) => {
      await until(loaded);
      const told = await named(page, "tileerror");
      assert.ok(told.length > 0);
      told.forEach((one) => assert.match(one.message, message));
      assert.deepEqual((await page.evaluate(sources)).filter(Boolean), []);
    },
  ));
}

for (const [what, tries, fate, questions] of [
  ["a server that keeps failing", Infinity, { status: 500 }, 5],
  ["a server that is busy twice", 3, { status: 429 }, 4],
]) {
  test(`${what} is asked once per try, and once more for the reason`, () => {
    const asked = new Map();
    const decide = (url) => {
      if (!TILE.test(url)) {
        return undefined;
      }
      asked.set(url, (asked.get(url) ?? 0) + 1);
      return asked.get(url) <= tries ? fate : undefined;
    };
    return onBadLine({ decide, width: 256, height: 256 }, async ({ until }) => {
      await until(loaded);
      assert.ok(asked.size > 0);
      asked.forEach((count, url) => assert.equal(count, questions, url));
    });
  });
}

test("an image of another server's making that is no image is told", () => onBadLine(
  { decide: (url) => (url.includes("obj=") ? { status: 200, body: "<html>Welcome</html>" } : undefined) },
  async ({ page, until }) => {
    await until(() => window.told?.some(({ name }) => name === "metaerror"));
    assert.match((await named(page, "metaerror"))[0].message, /image server/);
  },
));

test("Retry-After is followed", () => {
  let refused = 0;
  let first = 0;
  let second = 0;
  const decide = (url) => {
    if (!url.includes("obj=")) {
      return undefined;
    }
    refused += 1;
    if (refused === 1) {
      first = Date.now();
      return { status: 503, headers: { "Retry-After": "2" }, body: "busy" };
    }
    second = Date.now();
    return undefined;
  };
  return onBadLine({ decide }, async ({ until }) => {
    await until(loaded);
    assert.equal(refused, 2);
    assert.ok(second - first >= 1990);
  });
});

test("a layer that is taken away before it is known stays away", () => onBadLine(
  { decide: (url) => (url.includes("obj=") ? { delay: 1500 } : undefined) },
  async ({ page, until }) => {
    await page.evaluate(() => window.layer.remove());
    await until(() => window.told.some(({ name }) => name === "metaload"));
    assert.equal(await page.evaluate(() => document.querySelectorAll("img.leaflet-tile").length), 0);
  },
));

test("an ellipse lies where the sky says, and one in pixels keeps its size", () => onLayer({}, async ({ page, until, errors }) => {
  await until(loaded);
  const [across, ratio, grown] = await page.evaluate(() => {
    const { map, layer, Ellipse, EllipseMarker } = window;
    const center = map.getCenter();
    const scale = layer.wcs.scaleAt(layer.wcs.pixelOf([center.lng, center.lat])) / map.options.crs.scale(map.getZoom());
    const size = (path) => { const box = path.getElement().getBBox(); return [box.width, box.height]; };
    const sky = new Ellipse(center, { majAxis: 50 * scale, minAxis: 50 * scale }).addTo(map);
    const marker = new EllipseMarker(center, { majAxis: 40, minAxis: 10 }).addTo(map);
    const circle = size(sky);
    const before = size(marker);
    map.setZoom(map.getZoom() + 1, { animate: false });
    return [circle, before, [size(sky)[0] / circle[0], size(marker)[0] / before[0]]];
  });
  across.forEach((side) => assert.ok(Math.abs(side - 100) < 2, `${side}`));
  assert.ok(Math.abs(ratio[0] - 80) < 2 && Math.abs(ratio[1] - 20) < 2, `${ratio}`);
  assert.ok(Math.abs(grown[0] - 2) < 0.05 && Math.abs(grown[1] - 1) < 0.05, `${grown}`);
  assert.deepEqual(errors, []);
}));
