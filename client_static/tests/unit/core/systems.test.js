// Positions as they are shown and typed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { positionOf, positionText, SYSTEMS, systemsOf } from "../../../src/core/systems.js";

const SKY = { celsys: "equatorial", skyOf: ([x, y]) => [x / 10, y / 10], pixelOf: ([lng, lat]) => [lng * 10, lat * 10] };
const PIXELS = { celsys: "pixel", skyOf: (pixel) => pixel, pixelOf: (pixel) => pixel };
const [HMS, DEGREES, GALACTIC, , PIXEL] = SYSTEMS;

test("a sky has all systems, an image without one has pixels alone", () => {
  assert.equal(systemsOf(SKY).length, SYSTEMS.length);
  assert.deepEqual(systemsOf(PIXELS).map(({ celsys }) => celsys), ["pixel"]);
});

test("a planet has its own system and pixels", () => {
  assert.deepEqual(systemsOf({ celsys: "other" }).map(({ celsys }) => celsys), ["pixel"]);
  assert.deepEqual(systemsOf({ celsys: "other" }, [HMS]).map(({ celsys }) => celsys), ["native"]);
});

test("a position is written in each system", () => {
  assert.equal(positionText([150, 2.5], SKY, HMS), "10:00:00.000 +02:30:00.00");
  assert.equal(positionText([150, 2.5], SKY, DEGREES), "150.000000 +2.500000");
  assert.equal(positionText([150, 2.5], SKY, PIXEL), "1500, 25");
  // The galactic centre of J2000 (Reid and Brunthaler 2004, appendix): within its last digit.
  assert.match(positionText([266.405, -28.936175], SKY, GALACTIC), /^(?:0\.0000|359\.9999)\d\d [+-]0\.0000\d\d$/);
});

test("a position is read in the system it is typed in", () => {
  assert.deepEqual(positionOf("10:00:00 +02:30:00", SKY, HMS), [150, 2.5]);
  assert.deepEqual(positionOf("1500, 25", SKY, PIXEL), [150, 2.5]);
  assert.deepEqual(positionOf("2000 3000.5", PIXELS, PIXEL), [2000, 3000.5]);
  const [lng, lat] = positionOf("0 0", SKY, GALACTIC);
  assert.ok(Math.abs(lng - 266.405) < 1e-4 && Math.abs(lat + 28.936175) < 1e-4);
});

test("what is no position is none", () => {
  assert.equal(positionOf("M 51", SKY, HMS), null);
  assert.equal(positionOf("12 34 56", PIXELS, PIXEL), null);
});
