/**
 * Measures pages: how long until all tiles are shown, after opening and after a change of colour.
 *
 *     timing.mjs ROUNDS IMAGE PAGE…
 *
 * The pages take turns; each round has a window that knows nothing.  Writes a line of JSON per
 * round and page: milliseconds, and the tiles that were on the map.
 */

import process from "node:process";

import { closeBrowser, openPage } from "./harness.mjs";

const QUIET = 700; // milliseconds without a change: it is over
const COLOURS = ["#00ca7b", "#ca00a8", "#7bca00", "#a800ca", "#ca7b00", "#00a8ca"];

/** In the page: note when the last missing tile has come, at every frame. */
function watch() {
  window.shownAt = null;
  const missing = () => {
    const tiles = [...document.querySelectorAll(".iip-map .leaflet-tile-container img.leaflet-tile")];
    return !tiles.length || tiles.some((tile) => !tile.complete || !tile.naturalWidth);
  };
  const look = () => {
    const now = missing();
    if (now) {
      window.shownAt = null;
    } else {
      window.shownAt ??= performance.now();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const over = (quiet) => window.shownAt !== null && performance.now() - window.shownAt > quiet
  && window.shownAt;

/** In the page: change the colour of the channel that is chosen; resolved when it is all shown. */
function changeColour([colour, quiet]) {
  const tiles = () => [...document.querySelectorAll(".iip-map .leaflet-tile-container img.leaflet-tile")];
  const before = new Set(tiles().map(({ src }) => src));
  const input = document.querySelector('input[type="color"]');
  const begin = performance.now();
  input.value = colour;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return new Promise((resolve) => {
    let last = null;
    const look = () => {
      const old = tiles().some((tile) => before.has(tile.src) || !tile.naturalWidth);
      last = old ? null : last ?? performance.now();
      if (last !== null && performance.now() - last > quiet) {
        resolve([last - begin, tiles().length]);
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  });
}

async function round(page, image, number) {
  const opened = await openPage({
    url: `${page}?FIF=${image}`, before: (one) => one.evaluateOnNewDocument(watch),
  });
  try {
    const opening = await opened.until(over, QUIET);
    const colour = COLOURS[number % COLOURS.length];
    const [mixing, tiles] = await opened.page.evaluate(changeColour, [colour, QUIET]);
    return { page, opening, mixing, tiles };
  } finally {
    await opened.close();
  }
}

const [rounds, image, ...pages] = process.argv.slice(2);
for (let number = 0; number < Number(rounds); number += 1) {
  for (const page of pages) {
    console.log(JSON.stringify(await round(page, image, number)));
  }
}
await closeBrowser();
