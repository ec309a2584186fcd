// What has to stay: the place that is looked at, the page's own words, memory, the other controls.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BROWSER, eventually } from "./harness.mjs";
import { BANDS, onViewer, onViewers, ownErrors } from "./viewer.mjs";

const TWO = [{ name: BANDS, title: "Bands" }, { name: "odd_r.ptif", title: "Odd" }];

/** The text of the box, and the link without what belongs to the page. */
const placeOf = (page) => page.evaluate(() => {
  const { viewer, link } = window.viewers[0];
  const { lat, lng } = viewer.map.getCenter();
  const words = new URL(link()).searchParams;
  words.delete("fov"); // another size, another field
  return [lng, lat, viewer.map.getZoom(), String(words), document.querySelector(".iip-coordinates-input").value];
});

/** Answer requests in the server's place, or later. */
const instead = (answer) => async (page) => {
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    const given = await answer(request.url());
    return given ? request.respond(given) : request.continue();
  });
};

const opening = (url) => url.includes("&obj=");

test("panels, and another size of the window, leave the centre where it is", () => onViewer({
  width: 1401, height: 777, config: { open: "" },
}, async ({ page, shown, panel, until, errors }) => {
  await shown();
  await page.evaluate(() => window.viewers[0].viewer.map.setView([2.2103, 150.1171], 2, { animate: false, reset: true }));
  const before = await placeOf(page);
  for (const id of ["channels", "image", "profile"]) {
    await panel(id);
    await page.locator(`.iip-panel-${id} [aria-label='Close the panel']`).click();
    await until(() => window.viewers[0].viewer.map.getSize().x > 1300);
    await panel(id);
    await until(() => window.viewers[0].viewer.map.getSize().x < 1000);
    assert.deepEqual(await placeOf(page), before, id);
  }
  await page.setViewport({ width: 1234, height: 701 });
  await until(() => window.viewers[0].viewer.map.getSize().y < 650);
  assert.deepEqual(await placeOf(page), before);
  const off = await page.evaluate(() => {
    const { map } = window.viewers[0].viewer;
    const { x, y } = map.latLngToContainerPoint(map.getCenter());
    const size = map.getSize();
    return Math.max(Math.abs(x - size.x / 2), Math.abs(y - size.y / 2));
  });
  assert.ok(off <= 0.5, `the picture is ${off} pixels away from what is said of it`);
  await shown();
  assert.deepEqual(errors, []);
}));

test("a link with numbers that no image has shows all of the image", () => onViewer({
  search: "?FIF=multi5_1k.ptif&center=1e308,1e308&fov=1e-300",
}, async ({ page, shown, errors }) => {
  await shown();
  assert.match(await page.$eval(".iip-readout-sky", ({ textContent }) => textContent), /^10:00:2/);
  assert.deepEqual(errors, []);
}));

for (const search of ["center=10,95&fov=0.1", "center=330.1,-2.2&fov=0.1", "center=150.1,2.2&fov=9999999", "center=150.1,2.2&fov=1e-6"]) {
  test(`a link with ${search} shows the image`, () => onViewer({ search: `?FIF=multi5_1k.ptif&${search}` }, async ({ shown, errors }) => {
    await shown();
    assert.deepEqual(errors, []);
  }));
}

test("an error while an image enters becomes a message", () => onViewer({ config: { open: "" } }, async ({ page, shown, message }) => {
  await shown();
  await page.evaluate(() => {
    const { viewer, show } = window.viewers[0];
    viewer.setLayer = () => { throw new Error("out of paper"); };
    show({ name: "odd_r.ptif" });
  });
  await message("The image “odd_r.ptif” cannot be shown. out of paper");
}));

test("maps of images that were shown before are given back", { skip: BROWSER !== "chromium" }, () => onViewer({
  config: { images: TWO },
}, async ({ page, shown, until, errors }) => {
  await shown();
  for (const name of ["odd_r.ptif", BANDS, "odd_r.ptif"]) {
    await page.evaluate((next) => window.viewers[0].show({ name: next }), name);
    await until((next) => window.viewers[0].viewer.layer.url.includes(next), name);
    await shown();
  }
  const kind = await page.evaluateHandle(() => Object.getPrototypeOf(window.viewers[0].viewer.map));
  const count = async () => {
    const maps = await page.queryObjects(kind);
    const number = await maps.evaluate((all) => all.length);
    await maps.dispose();
    return number;
  };
  await eventually(async () => (await count()) === 2);
  assert.equal((await page.$$(".iip-overview-map .leaflet-map-pane")).length, 1);
  await page.evaluate(() => { window.viewers.pop().destroy(); });
  await eventually(async () => (await count()) === 0);
  assert.deepEqual(errors, []);
}));

test("a viewer that is taken away while it opens says nothing more", () => {
  let go;
  const wait = new Promise((resolve) => { go = resolve; });
  return onViewer({ before: instead((url) => (opening(url) ? wait.then(() => null) : null)) }, async ({ page, errors }) => {
    await page.evaluate(() => window.viewers[0].destroy());
    go();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(await page.$eval("section", (element) => element.children.length), 0);
    assert.deepEqual(ownErrors(errors), []);
  });
});

test("a link keeps the words of the page", () => onViewer({
  search: "?article=7&lang=fr%20CA&fov=0.01&FIF=multi5_1k.ptif",
}, async ({ page, shown, press }) => {
  await shown();
  const { search } = new URL(await page.evaluate(() => window.viewers[0].link()));
  assert.match(search, /^\?article=7&lang=fr%20CA&FIF=multi5_1k\.ptif&center=/);
  assert.equal(search.match(/FIF=/g).length, 1);
  await press(".iip-coordinates-copy");
  await eventually(() => page.url().includes("article=7&lang=fr%20CA&FIF="));
}));

test("two viewers in one page leave its address alone if they are told to", () => onViewers({
  configs: [{ images: [TWO[0]], link: false, headingLevel: 2 }, { images: [TWO[1]], link: false, headingLevel: 2 }],
}, async ({ page, shown, press, until, errors }) => {
  await shown();
  const before = page.url();
  await press(".iip-coordinates-copy");
  await until(() => document.querySelector(".iip-message p")?.textContent.includes("link"));
  assert.equal(page.url(), before);
  assert.deepEqual(await page.$$eval("h1, h2.iip-title", (list) => list.map(({ tagName, textContent }) => `${tagName} ${textContent}`)), ["H2 Bands", "H2 Odd"]);
  assert.equal(await page.$eval(".iip-panel-head h2", (title) => title.getAttribute("aria-level")), "3");
  const labels = await page.$$eval(".iip-map", (maps) => maps.map((map) => map.getAttribute("aria-label")));
  assert.ok(labels[0].startsWith("Bands: ") && labels[1].startsWith("Odd: "), String(labels));
  assert.deepEqual(errors, []);
}));

for (const [width, height, open] of [[1600, 1000, "channels"], [820, 1180, "channels"], [390, 844, ""]]) {
  test(`messages at ${width} × ${height} leave the controls free`, () => onViewer({ width, height, config: { open } }, async ({ page, shown, panel, errors }) => {
    await shown();
    if (open) {
      await panel(open);
    }
    await page.evaluate(() => window.viewers[0].viewer.complain("Parts of the image are missing. The server answers 404. Reload the page to ask again."));
    const covered = await page.evaluate(() => {
      const box = (element) => element.getBoundingClientRect();
      const message = box(document.querySelector(".iip-message"));
      const controls = [...document.querySelectorAll("button, input, select, .leaflet-control")]
        .filter((one) => !one.closest(".iip-message") && one.checkVisibility());
      return controls.filter((one) => {
        const { left, right, top, bottom } = box(one);
        return right > left && left < message.right && right > message.left && top < message.bottom && bottom > message.top;
      }).map(({ className }) => className);
    });
    assert.deepEqual(covered, []);
    assert.deepEqual(errors, []);
  }));
}

test("the map begins and ends at whole pixels", () => onViewer({}, async ({ page, shown }) => {
  await shown();
  const { top, height } = await page.$eval(".iip-map", (map) => {
    const box = map.getBoundingClientRect();
    return { top: box.top, height: box.height };
  });
  assert.deepEqual([top % 1, height % 1], [0, 0]);
}));

test("between two levels tiles meet without a seam", () => onViewer({
  config: { open: "", overview: false, reticle: false, settings: { cuts: Array(5).fill([-2e6, 1e6]), mode: "mono" } },
}, async ({ page, shown }) => {
  await shown();
  await page.evaluate(() => {
    const { map } = window.viewers[0].viewer;
    map.options.zoomSnap = 0;
    map.setView(map.getCenter(), 1.37, { animate: false, reset: true });
  });
  await shown();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const picture = await page.screenshot({ encoding: "base64", clip: { x: 560, y: 250, width: 500, height: 400 } });
  const [least, most] = await page.evaluate(async (data) => { // the picture is one grey
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const context = Object.assign(document.createElement("canvas"), { width: 500, height: 400 }).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data: bytes } = context.getImageData(0, 0, 500, 400);
    const greens = bytes.filter((_, index) => index % 4 === 1);
    return [greens.reduce((one, two) => Math.min(one, two)), greens.reduce((one, two) => Math.max(one, two))];
  }, picture);
  assert.ok(most - least <= 4, `from ${least} to ${most}`);
}));

test("on a telephone all values of a pixel are there", () => onViewer({ width: 390, height: 844, config: { open: "" } }, async ({ page, shown, until }) => {
  await shown();
  await until(() => document.querySelectorAll(".iip-readout-value").length === 5);
  const cut = await page.evaluate(() => {
    const { right } = document.querySelector(".iip-readout").getBoundingClientRect();
    return [...document.querySelectorAll(".iip-readout-value, .iip-readout-zoom")]
      .map((one) => one.getBoundingClientRect().right).filter((end) => end > right);
  });
  assert.deepEqual(cut, []);
}));

for (const [width, height] of [[1600, 1000], [390, 844]]) {
  test(`a plot at ${width} × ${height} leaves the scale bar and the cross free`, () => onViewer({ width, height, config: { open: "" } }, async ({ page, shown, focusMap, until }) => {
    await shown();
    await page.evaluate(() => window.viewers[0].viewer.actions.spectrum());
    await until(() => document.querySelector(".iip-plot-card canvas"));
    const covered = await page.evaluate(() => {
      const card = document.querySelector(".iip-plot-card").getBoundingClientRect();
      return [".iip-scale", ".iip-reticle", ".iip-overview"].filter((name) => {
        const { left, right, top, bottom } = document.querySelector(name).getBoundingClientRect();
        return left < card.right && right > card.left && top < card.bottom && bottom > card.top;
      });
    });
    assert.deepEqual(covered, []);
  }));
}

test("the box of the overview dims nothing", () => onViewer({}, async ({ page, shown, until }) => {
  await shown();
  await until(() => document.querySelector(".iip-overview-box"));
  assert.equal(await page.$eval(".iip-overview-box", (box) => getComputedStyle(box).fill), "none");
}));

test("a picture of the gallery is what a press on it shows", () => onViewer({
  config: { images: [TWO[0], { ...TWO[1], settings: { gamma: 1.7, inverted: true } }], settings: { contrast: 1.2 } },
}, async ({ page, shown, press, until, requests, errors }) => {
  await shown();
  await press(".iip-head-button");
  await until(() => [...document.querySelectorAll(".iip-thumb")].every(({ naturalWidth }) => naturalWidth > 100));
  const small = await page.$eval(".iip-image-card:nth-child(2) .iip-thumb", ({ src }) => src);
  assert.match(small, /odd_r\.ptif&INV&CNT=1\.2&GAM=0\.5882&CTW=.*&RGN=0,0,1,1&WID=320&CVT=jpeg$/);
  await press(".iip-image-card:nth-child(2)");
  await until(() => document.querySelector(".iip-title").textContent === "Odd");
  await shown();
  assert.equal(requests.filter(({ url }) => opening(url) && url.includes("odd_r")).length, 1);
  assert.deepEqual(errors, []);
}));

test("a picture of the gallery that did not come is asked for again when it opens next", () => {
  let ill = true;
  return onViewer({
    config: { images: TWO },
    before: instead((url) => (ill && opening(url) && url.includes("odd_r") ? { status: 404, contentType: "text/plain", body: "gone" } : null)),
  }, async ({ page, shown, press, until, requests, errors }) => {
    await shown();
    await press(".iip-head-button");
    await eventually(() => requests.some(({ url, status }) => url.includes("odd_r") && status === 404));
    await until(() => document.querySelector(".iip-image-card:nth-child(2) .iip-missing"));
    await page.keyboard.press("Escape");
    ill = false;
    await press(".iip-head-button");
    await until(() => document.querySelector(".iip-image-card:nth-child(2) .iip-thumb:not(.iip-missing)")?.naturalWidth > 100);
    assert.deepEqual(ownErrors(errors), []);
  });
});

test("a red picture is red", () => onViewer({ image: "red.tif", config: { open: "" } }, async ({ page, shown, errors }) => {
  await shown();
  const colors = await page.evaluate(() => window.viewers[0].viewer.settings().colors);
  assert.deepEqual(colors, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  const rgb = await page.$eval(".leaflet-tile-container img.leaflet-tile", (tile) => {
    const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    context.drawImage(tile, -10, -10);
    return [...context.getImageData(0, 0, 1, 1).data];
  });
  assert.ok(rgb[0] > 200 && rgb[1] < 40 && rgb[2] < 40, String(rgb));
  assert.deepEqual(errors, []);
}));
