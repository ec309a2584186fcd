// Round lengths for a scale bar.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ANGLES, FEETS, METRES, PIXELS, roundLength } from "../../../src/core/lengths.js";

for (const [longest, units, text] of [
  [7, ANGLES, "5°"], [0.9, ANGLES, "50′"], [1 / 60, ANGLES, "1′"], [0.01, ANGLES, "30″"], [2e-4, ANGLES, "500 mas"],
  [128, PIXELS, "100 px"], [4e3, PIXELS, "3 kpx"], [2.5e6, PIXELS, "2 Mpx"], [0.4, PIXELS, "0.3 px"],
  [1500, METRES, "1 km"], [999, METRES, "500 m"], [5280, FEETS, "1 mi"],
]) {
  test(`the longest round length below ${longest} is ${text}`, () => {
    const round = roundLength(longest, units);
    assert.equal(round.text, text);
    assert.ok(round.length <= longest * (1 + 1e-12) && round.length > longest / 2.6);
  });
}

test("what is no length says so by its size", () => {
  assert.ok(Number.isNaN(roundLength(NaN, ANGLES).length));
});
