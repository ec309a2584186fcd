// What goes wrong is said in the page, with what to do; the rest goes on, and the console is quiet.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BASE, openPage } from "./harness.mjs";
import { BANDS, onViewer, onViewers, ownErrors } from "./viewer.mjs";

/** Answer requests in the server's place. `answer(url)` is {status, contentType, body} or nothing. */
const instead = (answer) => async (page) => {
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    const given = await answer(request.url());
    return given ? request.respond(given) : request.continue();
  });
};

const opening = (url) => url.includes("&obj=");

test("an image that is not there is named, and another one can be chosen", () => onViewers({
  configs: [{ images: [{ name: "missing.ptif", title: "Missing" }, { name: BANDS, title: "Bands" }] }],
}, async ({ page, message, press, shown, messages, errors }) => {
  await message("The image “missing.ptif” cannot be shown. The server answers 404");
  await message("Choose another image above");
  await press(".iip-head-button");
  await press(".iip-image-card:nth-child(2)");
  await shown();
  assert.deepEqual(await messages(), []);
  assert.equal(await page.$eval("h1", (title) => title.textContent), "Bands");
  assert.deepEqual(ownErrors(errors), []);
}));

for (const [name, answer, words] of [
  ["500", { status: 500, contentType: "text/plain", body: "out of order" }, "The server answers 500: out of order"],
  ["a page of HTML", { status: 200, contentType: "text/html", body: "<!DOCTYPE html><title>Home</title><p>Hello" }, "cannot be shown. The "],
  ["nothing", { status: 200, contentType: "application/vnd.netfpx", body: "" }, "cannot be shown. The "],
  ["half of the answer", { status: 200, contentType: "application/vnd.netfpx", body: "IIP:1.0\r\nMax-size:10 10\r\n" }, "cannot be shown. The server does not tell"],
]) {
  test(`a server that answers with ${name} is told of`, () => onViewer({
    before: instead((url) => (opening(url) ? answer : null)),
  }, async ({ message, panel, focusMap, page, until, errors }) => {
    await message(words);
    await panel("docs"); // the rest is there
    await panel("image");
    await focusMap();
    await page.keyboard.press("?");
    await until(() => document.querySelector("dialog[open]"));
    for (const key of ["Escape", "i", "g", "p", "s", "[", "0", "c", "Enter"]) {
      await page.keyboard.press(key);
    }
    assert.deepEqual(ownErrors(errors), []);
  }));
}

const REGION = { name: "Fields", url: "/pages/fields.geojson" };

for (const [name, wait] of [["that cannot be shown", false], ["that is still opening", true]]) {
  test(`no button of any panel stumbles over an image ${name}`, () => {
    let go;
    const later = new Promise((resolve) => { go = resolve; });
    return onViewer({
      config: { regions: [REGION] },
      before: wait ? instead((url) => (opening(url) ? later.then(() => null) : null))
        : instead((url) => (opening(url) ? { status: 404, contentType: "text/plain", body: "gone" } : null)),
    }, async ({ page, panel, shown, message, errors }) => {
      if (!wait) {
        await message("cannot be shown");
      }
      const pressed = [];
      for (const id of ["channels", "image", "catalog", "region", "profile", "snapshot", "header", "docs"]) {
        await panel(id);
        pressed.push(...await page.evaluate(pressAll));
      }
      assert.ok(pressed.includes("Show all of the image") && pressed.includes("Grid of coordinates"));
      assert.deepEqual(ownErrors(errors), []);
      if (wait) {
        go();
        await shown();
        await panel("channels");
        await page.locator(".iip-panel-channels .iip-swatch[title='orange']").click();
      }
      assert.deepEqual(ownErrors(errors), []);
    });
  });
}

/** Press what a person can press: all that is not disabled, inert, or of the screen and the printer. */
function pressAll() {
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  const buttons = [...document.querySelectorAll("button")].filter((one) => (
    one.checkVisibility() && !one.disabled && !one.closest("[inert], .iip-message")
    && !one.matches(".iip-tab, .iip-fullscreen, [aria-label='Close the panel']")));
  buttons.forEach((one) => one.click());
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  return buttons.map((one) => one.getAttribute("aria-label") ?? one.textContent);
}

test("tiles that do not come are told of, and the panels go on", () => onViewer({
  before: instead((url) => (/&JTL=\d+,[13]$/.test(url) ? { status: 404, contentType: "text/plain", body: "no such tile" } : null)),
}, async ({ message, panel, errors }) => {
  await message("Parts of the image are missing.");
  await panel("header");
  assert.deepEqual(ownErrors(errors), []);
}));

/** The server's words about an image, with another header. */
const withHeader = (cards) => instead((url) => (opening(url) ? {
  status: 200, contentType: "application/vnd.netfpx",
  body: ["IIP:1.0", "Max-size:1024 1024", "Tile-size:256 256", "Resolution-number:3", "Bits-per-channel:32",
    "Min-Max-sample-values:0 100 0 100 0 100 0 100 0 100", `subject/9:${cards.map((card) => card.padEnd(80)).join("")}`, ""].join("\r\n"),
} : null));

const SKY = ["CRVAL1  = 10.0", "CRVAL2  = 20.0", "CRPIX1  = 512.5", "CRPIX2  = 512.5", "CD1_1   = -1E-4", "CD1_2   = 0.0", "CD2_1   = 0.0", "CD2_2   = 1E-4"];

for (const [name, cards, words] of [
  ["without coordinates", ["OBJECT  = 'Plain'"], "The header gives no celestial coordinates: positions are pixels."],
  ["of an unknown projection", ["CTYPE1  = 'RA---XYZ'", "CTYPE2  = 'DEC--XYZ'", ...SKY], "“XYZ”"],
]) {
  test(`a header ${name} shows pixels, and says why`, () => onViewer({ before: withHeader(cards) }, async ({ page, shown, until, errors, panel }) => {
    await shown();
    await until((wanted) => [...document.querySelectorAll(".iip-message p")].some(({ textContent }) => (
      textContent.replace(/["']XYZ["']/, "“XYZ”").includes(wanted) && textContent.includes("positions are pixels"))), words);
    assert.equal(await page.$eval(".iip-coordinates-input", (input) => input.value), "513, 513");
    await page.focus(".iip-coordinates-input");
    await page.keyboard.type("100, 200");
    await page.keyboard.press("Enter");
    await until(() => document.querySelector(".iip-coordinates-input").value === "100, 200");
    await until(() => new URL(window.viewers[0].link()).searchParams.get("center") === "100,200");
    await panel("catalog");
    await page.locator(".iip-panel-catalog .iip-main").click();
    await until(() => [...document.querySelectorAll(".iip-message p")].some(({ textContent }) => textContent.startsWith("Catalogues need")));
    assert.deepEqual(ownErrors(errors), []);
  }));
}

test("broken GeoJSON is told of, and a good file still opens", () => onViewer({
  config: { regions: [{ name: "Broken", url: "/pages/broken.geojson", load: true }, { name: "Away", url: "/pages/none.geojson" }, { name: "Fields", url: "/pages/fields.geojson" }] },
}, async ({ page, shown, message, panel, press, until, errors }) => {
  await shown();
  await message("The regions of Broken cannot be shown: This is no JSON");
  await panel("region");
  await page.select(".iip-panel-region select", "1");
  await press(".iip-panel-region .iip-main");
  await message("The regions of Away cannot be shown: the server answers 404");
  await page.select(".iip-panel-region select", "2");
  await press(".iip-panel-region .iip-main");
  await until(() => document.querySelector(".iip-panel-region .iip-item-name")?.textContent === "Fields (2)");
  assert.deepEqual(ownErrors(errors), []);
}));

test("a hostile description is shown without its scripts, and asks nobody", () => onViewer({
  config: { regions: [{ name: "Hostile", url: "/pages/hostile.geojson", load: true, label: true }] },
}, async ({ page, shown, message, focusMap, until, requests, errors }) => {
  await shown();
  await message("2 of the 3 regions of Hostile have no usable coordinates and are left out.");
  await focusMap();
  await page.keyboard.press("Enter");
  await until(() => document.querySelector(".iip-description"));
  assert.equal(await page.$eval(".iip-description", (element) => element.innerHTML),
    '<p>Kept <b>words</b></p><a target="_blank" rel="noopener noreferrer">link</a>Send');
  assert.equal(await page.$eval(".iip-label-tip", (tip) => tip.textContent), "<img src=x onerror='window.hurt=1'>");
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.ok(!requests.some(({ url }) => new URL(url).hostname === "example.org"));
  assert.deepEqual(errors, []);
}));

test("blank pixels have no value, whether the server writes null or nan", () => onViewer({
  before: instead((url) => (url.includes("&PFL=") ? {
    status: 200, contentType: "application/json", body: '{\n\t"profile": [nan,2,null,4.5,-inf]\n}',
  } : null)),
}, async ({ page, shown, panel, until, errors }) => {
  await shown();
  await until(() => document.querySelector(".iip-readout-values").textContent === "blank2blank4.5blank");
  await panel("profile");
  await page.locator(".iip-panel-profile .iip-group:nth-of-type(2) .iip-main").click();
  await until(() => document.querySelector(".iip-plot-card canvas"));
  assert.match(await page.$eval(".iip-plot", (plot) => plot.getAttribute("aria-label")), /Value from 2 to 4.5$/);
  assert.deepEqual(errors, []);
}));

test("an image of one pixel is shown whole, with its value", () => onViewer({ image: "one.ptif" }, async ({ page, shown, until, errors, panel }) => {
  await shown();
  await until(() => document.querySelector(".iip-readout-values").textContent !== "");
  assert.equal(await page.$eval(".iip-facts-line", (line) => line.textContent), "one.ptif · 1 × 1 · 1 channel");
  await panel("profile");
  await page.locator(".iip-panel-profile .iip-group:nth-of-type(2) .iip-main").click();
  await until(() => document.querySelector(".iip-plot-card canvas"));
  for (const key of ["0", "+", "-", "g", "s"]) {
    await page.focus(".iip-map");
    await page.keyboard.press(key);
  }
  assert.deepEqual(errors, []);
}));

test("a catalogue service that fails is told of by its name", () => onViewer({
  config: { catalogs: [{ name: "Nowhere", service: "the observatory", url: "/pages/none.csv" }] },
}, async ({ shown, panel, press, message, errors }) => {
  await shown();
  await panel("catalog");
  await press(".iip-panel-catalog .iip-main");
  await message("Nowhere cannot be had from the observatory: it answers 404. Try again later");
  assert.deepEqual(ownErrors(errors), []);
}));

test("a page without any image says how to name one", () => onViewers({ configs: [{}] }, async ({ message, errors }) => {
  await message("No image is named. Put ?FIF=name after the address of this page");
  assert.deepEqual(errors, []);
}));

test("a configuration that cannot be read is told of", async () => {
  const { page, until, close } = await openPage({ url: `${BASE}/viewer/`, before: instead((url) => (
    url.endsWith("/config.json") ? { status: 200, contentType: "application/json", body: "{" } : null)) });
  try {
    await until(() => document.querySelector(".iip-fatal[role=alert]")?.textContent.includes("Check config.json"));
    assert.ok(await page.$(".iip-fatal"));
  } finally {
    await close();
  }
});

test("no message is an alert of the browser", () => onViewer({
  image: "missing.ptif", before: (page) => page.evaluateOnNewDocument(() => {
    window.asked = [];
    ["alert", "confirm", "prompt"].forEach((name) => { window[name] = (text) => window.asked.push(text); });
  }),
}, async ({ page, message }) => {
  await message("cannot be shown");
  assert.deepEqual(await page.evaluate(() => window.asked), []);
}));
