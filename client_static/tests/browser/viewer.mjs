// What tests of the viewer share: opening it, and finding things in it as people do.

import { BASE, openPage } from "./harness.mjs";

/** Images that the site of the tests serves. */
export const BANDS = "multi5_1k.ptif";

/** Open viewers with configurations of their own; `run` gets what openPage gives. */
export async function onViewers({ configs, search = "", ...options }, run) {
  const hash = encodeURIComponent(JSON.stringify(configs));
  const opened = await openPage({ url: `${BASE}/pages/viewers.html${search}#${hash}`, ...options });
  try {
    await run({ ...opened, ...hands(opened) });
  } finally {
    await opened.close();
  }
}

/** Open one viewer of an image. */
export const onViewer = ({ image = BANDS, config = {}, ...options }, run) => (
  onViewers({ configs: [{ images: [{ name: image }], ...config }], ...options }, run)
);

/** Ways to use a page. */
function hands({ page, until }) {
  return {
    shown: () => until(tilesOfMaps),
    press: (selector) => page.locator(selector).click(),
    panel: async (id) => {
      if (!(await page.$(`.iip-panel-${id}:not([hidden])`))) {
        await page.locator(`.iip-tab-${id}`).click();
      }
      await page.waitForSelector(`.iip-panel-${id}:not([hidden])`);
    },
    focusMap: () => page.focus(".iip-map"),
    text: (selector) => page.$eval(selector, (element) => element.textContent),
    messages: () => page.$$eval(".iip-message p", (list) => list.map(({ textContent }) => textContent)),
    message: (words) => until(
      (wanted) => [...document.querySelectorAll(".iip-message p")].some(({ textContent }) => textContent.includes(wanted)), words,
    ),
  };
}

function tilesOfMaps() {
  const maps = [...document.querySelectorAll(".iip-map")];
  return maps.length > 0 && maps.every((map) => {
    const tiles = [...map.querySelectorAll(".leaflet-tile-container img.leaflet-tile")];
    return tiles.length > 0 && tiles.every((tile) => tile.complete && tile.naturalWidth > 0);
  });
}

/** Errors of the console that are none of ours: the browser tells of each answer that is no 200. */
export const ownErrors = (errors) => errors.filter((text) => !/Failed to load resource/.test(text));
