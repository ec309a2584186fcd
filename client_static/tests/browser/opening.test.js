// The ready-made page opens an image.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allTilesShown, openPage } from "./harness.mjs";

test("the page shows an image by its name, without an error", async () => {
  const { page, until, errors, requests, close } = await openPage({
    url: "/viewer/?FIF=multi5_1k.ptif", width: 900, height: 700,
  });
  try {
    await until(allTilesShown);
    assert.deepEqual(errors, []);
    assert.ok(requests.some(({ url }) => url.includes("&JTL=")));
    assert.ok((await page.title()).length > 0);
  } finally {
    await close();
  }
});
