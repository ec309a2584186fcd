/**
 * Opens pages in a real browser, and keeps what a person would not see.
 *
 * pytest (tests/integration/client) starts the servers and sets in the environment:
 * BASE, the address of the site; BROWSER, chromium or firefox; BROWSER_PATH, its program.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { after } from "node:test";

import puppeteer from "puppeteer-core";

export const BASE = process.env.BASE;
export const BROWSER = process.env.BROWSER ?? "chromium";
export const PATIENCE = 60_000; // milliseconds; the machine may be busy

const CHROMIUM_ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-dev-shm-usage", "--hide-scrollbars",
];

/**
 * @typedef {object} Opened
 * @property {import("puppeteer-core").Page} page
 * @property {string[]} errors of the console and of scripts, and requests that CSP has blocked
 * @property {{url: string, status: number | null, failure: string | null}[]} requests
 * @property {(condition: Function, ...values: unknown[]) => Promise<unknown>} until wait until a
 *   function of the page gives something true, and return it
 * @property {() => Promise<void>} close
 */

let running = null; // one browser for all tests of a file
after(closeBrowser);

/** End the browser: `node --test` does it by itself. */
export async function closeBrowser() {
  await (await running)?.close();
  running = null;
}

/**
 * Show an address in a window that knows nothing of others.
 * @param {object} options
 * @param {string} options.url absolute, or below BASE
 * @param {number} [options.width] in CSS pixels
 * @param {number} [options.height]
 * @param {number} [options.scale] device pixels per CSS pixel (Chromium only)
 * @param {boolean} [options.touch] (Chromium only)
 * @param {"light" | "dark"} [options.scheme] (Chromium only)
 * @param {(page: import("puppeteer-core").Page) => Promise<void>} [options.before] done with the
 *   page before it is shown
 * @returns {Promise<Opened>}
 */
export async function openPage({
  url, width = 1600, height = 1000, scale = 1, touch = false, scheme, before,
}) {
  running ??= startBrowser();
  const context = await (await running).createBrowserContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.setViewport({
      width, height, ...(BROWSER === "chromium" ? { deviceScaleFactor: scale, hasTouch: touch } : {}),
    });
    if (scheme && BROWSER === "chromium") {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    }
    const opened = watch(page);
    await before?.(page);
    await page.goto(new URL(url, BASE).href, { waitUntil: "load" });
    return {
      ...opened,
      page,
      until: async (condition, ...values) => (
        (await page.waitForFunction(condition, { timeout: PATIENCE }, ...values)).jsonValue()
      ),
      close: () => context.close(),
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Wait until a function of the test gives something true. */
export async function eventually(condition) {
  const end = Date.now() + PATIENCE;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not in time: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function startBrowser() {
  return puppeteer.launch({
    browser: BROWSER === "firefox" ? "firefox" : "chrome",
    executablePath: process.env.BROWSER_PATH,
    headless: true,
    args: BROWSER === "firefox" ? [] : CHROMIUM_ARGS,
    protocolTimeout: 2 * PATIENCE,
    timeout: PATIENCE,
  });
}

function watch(page) {
  const errors = [];
  const requests = [];
  page.on("pageerror", (error) => errors.push(`script: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error") {
      errors.push(`console: ${message.text()} ${message.location()?.url ?? ""}`);
    }
  });
  page.on("requestfinished", (request) => requests.push(
    { url: request.url(), status: request.response()?.status() ?? null, failure: null },
  ));
  page.on("requestfailed", (request) => requests.push(
    { url: request.url(), status: null, failure: request.failure()?.errorText ?? "failed" },
  ));
  return { errors, requests };
}

/** Whether every tile that is in the view is there: for `until`. */
export function allTilesShown() {
  const tiles = [...document.querySelectorAll(".leaflet-tile-container img.leaflet-tile")];
  return tiles.length > 0 && tiles.every((tile) => tile.complete && tile.naturalWidth > 0);
}
