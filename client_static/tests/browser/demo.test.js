// The demonstration: a sky, its catalogue and its regions, and M51.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, openPage } from "./harness.mjs";

async function shown(url, run, before) {
  const opened = await openPage({ url, width: 1200, height: 800, before });
  try {
    await run(opened);
    assert.deepEqual(opened.errors, []);
  } finally {
    await opened.close();
  }
}

const fullOfStars = () => {
  const tile = [...document.querySelectorAll(".iip-map img.leaflet-tile")][0];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [tile.naturalWidth, tile.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(tile, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return new Set(data).size;
};

test("the page opens with the sky", () => shown("/", async ({ page, until, requests }) => {
  await until(allTilesShown);
  assert.match(await page.title(), /Synthetic sky/);
  assert.ok(await page.evaluate(fullOfStars) > 50);
  const colours = /FIF=sky\.ptif&GAM=0\.4545&CTW=[^;]+;[^;]+;[^;]+&JTL=/;
  assert.ok(requests.some(({ url }) => colours.test(url)));
}));

test("M51 is an image of the page", () => shown("/?FIF=m51.fits", async ({ page, until }) => {
  await until(allTilesShown);
  assert.match(await page.title(), /M51/);
  assert.ok(await page.evaluate(fullOfStars) > 50);
}));

test("the files of the overlays are there", () => shown("/", async ({ page }) => {
  const counts = await page.evaluate(async () => {
    const config = await (await fetch("config.json")).json();
    const files = await Promise.all(config.regions.map(async ({ url }) => (await fetch(url)).json()));
    return files.map(({ features }) => features.length);
  });
  assert.equal(counts.length, 2);
  counts.forEach((count) => assert.ok(count > 10));
}));

test("an image that is not there is said on the page", async () => {
  const { page, until, close } = await openPage({ url: "/?FIF=other.ptif" });
  try {
    await until(() => document.querySelector(".iip-message"));
    assert.match(await page.evaluate(() => document.querySelector(".iip-message").textContent), /404/);
  } finally {
    await close();
  }
});

/** Answer in the place of the CDS: tests ask nobody else. */
async function standIn(page) {
  const answers = {
    "vizier.unistra.fr": "#\nSource;RA_ICRS;DE_ICRS;Gmag;BPmag;RPmag;pmRA;pmDE\n;deg;deg;;;;;\n-;-;-;-;-;-;-;-\n",
    "cdsweb.u-strasbg.fr": "%J 210.8 +54.35 = 14:03:12 +54:21:00\n",
  };
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const body = answers[new URL(request.url()).host];
    return body ? request.respond({ body, contentType: "text/plain", headers: { "Access-Control-Allow-Origin": "*" } })
      : request.continue();
  });
}

test("catalogues and names can be asked for", () => shown("/", async ({ page, until }) => {
  await until(allTilesShown);
  await page.locator(".iip-tab-catalog").click();
  await page.locator(".iip-panel-catalog .iip-main").click();
  await until(() => [...document.querySelectorAll(".iip-message p")].some(({ textContent }) => / sources /.test(textContent)));
  await page.focus(".iip-coordinates-input");
  await page.keyboard.type("somewhere");
  await page.keyboard.press("Enter");
  await until(() => document.querySelector(".iip-coordinates-input").value.startsWith("14:03:12"));
}, standIn));
