// Services of others, on a site whose policy allows itself alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { onViewer } from "./viewer.mjs";

const POLICY = "the policy of this site does not allow";

test("a catalogue that the policy of the site forbids is told of by its host", () => onViewer({}, async ({ shown, panel, press, message, page }) => {
  await shown();
  await panel("catalog");
  await press(".iip-panel-catalog .iip-main");
  await message(`cannot be had from VizieR, CDS: ${POLICY} vizier.unistra.fr (Content-Security-Policy, connect-src)`);
  assert.equal(await page.$(".iip-panel-catalog [aria-busy]"), null);
}));

test("so is the resolver of names", () => onViewer({}, async ({ shown, message, page }) => {
  await shown();
  await page.focus(".iip-coordinates-input");
  await page.keyboard.type("M51");
  await page.keyboard.press("Enter");
  await message(`The name resolver cannot be reached (${POLICY} cdsweb.u-strasbg.fr`);
}));

test("a service of the site that does not answer is not the fault of the policy", () => onViewer({
  config: { catalogs: [{ name: "Ours", service: "us", url: "/data/stars.csv" }] },
  before: async (page) => {
    await page.setRequestInterception(true);
    page.on("request", (request) => (request.url().endsWith("stars.csv") ? request.abort() : request.continue()));
  },
}, async ({ shown, panel, press, message, messages }) => {
  await shown();
  await panel("catalog");
  await press(".iip-panel-catalog .iip-main");
  await message("Ours cannot be had from us: ");
  assert.ok((await messages()).every((text) => !text.includes("policy")));
}));
