import assert from "node:assert/strict";
import test from "node:test";

import {
  convert, distance, formatAngle, formatSky, parsePosition,
} from "../../../src/core/units.js";

const near = (found, expected, most) => {
  assert.ok(distance(found, expected) < most, `${found}, not ${expected}`);
};

// ERFA 2.0.1: eraIcrs2g, eraEqec06 (J2000); supergalactic: de Vaucouleurs et al. 1991
for (const [system, at] of [
  ["galactic", [236.81365578, 42.10264722]],
  ["ecliptic", [151.40065484, -9.37645833]],
]) {
  test(`ERFA agrees about ${system} coordinates`, () => {
    near(convert([150.1, 2.2], "equatorial", system), at, 2e-8);
    near(convert(at, system, "equatorial"), [150.1, 2.2], 2e-8);
  });
}

test("supergalactic coordinates begin where they are defined to", () => {
  near(convert([137.37, 0], "galactic", "supergalactic"), [0, 0], 1e-9);
  near(convert([47.37, 6.32], "galactic", "supergalactic"), [0, 90], 1e-9);
});

test("other systems are kept, or cannot be converted", () => {
  assert.deepEqual(convert([1, 2], "helio", "helio"), [1, 2]);
  assert.equal(convert([1, 2], "helio", "equatorial"), null);
  assert.equal(convert([1, 2], "equatorial", "pixel"), null);
  assert.equal(convert([1, 2], "constructor", "equatorial"), null);
});

test("positions are written with hours, degrees or pixels", () => {
  assert.equal(formatSky([150.11632213, 2.20973371]), "10:00:27.917 +02:12:35.04");
  assert.equal(formatSky([-1.5, -0.25]), "23:54:00.000 -00:15:00.00");
  assert.equal(formatSky([359.99999999, 89.9999999]), "00:00:00.000 +90:00:00.00");
  assert.equal(formatSky([-1, -3], { units: "deg" }), "359.000000 -3.000000");
  assert.equal(formatSky([619.4, 405.6], { celsys: "pixel" }), "619, 406");
});

for (const [text, at] of [
  ["10:00:27.9 +02:12:35", [150.11625, 2.2097222222]],
  ["10:00:27.9+02:12:35", [150.11625, 2.2097222222]],
  ["10h00m27.9s -2d12'35\"", [150.11625, -2.2097222222]],
  ["10 00 27.9 \u221202 12 35", [150.11625, -2.2097222222]],
  ["00:00:00 -00:30:00", [0, -0.5]],
  ["10:00 +02:12", [150, 2.2]],
  ["12d30m00s +1d0m0s", [12.5, 1]],
  ["150.1 2.2", [150.1, 2.2]],
  ["150.1,-2.2", [150.1, -2.2]],
  ["150.1°, 2.2°", [150.1, 2.2]],
  ["-10 5", [350, 5]],
]) {
  test(`a position: ${text}`, () => near(parsePosition(text), at, 1e-9));
}

for (const text of [
  "M51", "NGC 5194", "", "10:61:00 +2:0:0", "10:00:00 +2:60:0", "25:00:00 +1:00:00", "10 95",
  "400 5", "1 2 3", "10:00:27.9 +92:12:35", "1e999 0", "x 1 2",
]) {
  test(`no position: ${JSON.stringify(text)}`, () => assert.equal(parsePosition(text), null));
}

test("angles are written in the unit that suits them", () => {
  const texts = [1.25, 0.2, 0.0033, 0.0001, 0].map(formatAngle);
  assert.deepEqual(texts, ["1.25°", "12′", "11.9″", "360 mas", "0 mas"]);
});
