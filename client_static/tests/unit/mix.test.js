// The mixing matrix; expected numbers by hand from r = l + a (2 r' - g' - b') and so on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { colorOf, defaultColors, hexOf, mixOf, PALETTES } from "../../src/core/mix.js";

const PURE = { mode: "color", channel: 0, gamma: 1, saturation: 1 };

test("with a saturation of 1 the columns are the colours", () => {
  const rows = mixOf({ ...PURE, colors: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] }, 3);
  rows.forEach((row, at) => row.forEach((part, channel) => (
    assert.ok(Math.abs(part - Number(at === channel)) < 1e-15)
  )));
});

test("without saturation, all rows are the luminance", () => {
  const rows = mixOf({ ...PURE, saturation: 0, colors: [[0.9, 0.6, 0]] }, 1);
  rows.forEach(([part]) => assert.ok(Math.abs(part - 0.5) < 1e-15));
});

test("colours are raised to the power gamma, and saturation exaggerates them", () => {
  const rows = mixOf({ ...PURE, gamma: 2, saturation: 2, colors: [[0.5, 1, 0]] }, 1);
  const [luminance, alpha] = [1.25 / 3, 2 / 3];
  assert.ok(Math.abs(rows[0][0] - (luminance + alpha * (0.5 - 1))) < 1e-15);
  assert.ok(Math.abs(rows[1][0] - (luminance + alpha * (2 - 0.25))) < 1e-15);
  assert.ok(Math.abs(rows[2][0] - (luminance + alpha * (-1.25))) < 1e-15);
});

test("the last digits are those of the order of operations: they are in addresses", () => {
  // Doubles of Python; any other order of the sums gives other digits here.
  const order = { ...PURE, gamma: 2.2, saturation: 0.9, colors: [[0.34, 0.96, 0.86]] };
  assert.deepEqual(mixOf(order, 1), [[0.14134515682641335], [0.8801921867901495], [0.7033575584519719]]);
  // What VisiOmatic 2 sends for five channels as they come.
  const colors = PALETTES[5].map(colorOf);
  assert.equal(
    mixOf({ ...PURE, gamma: 2.2, colors }, 5).map((row) => row.join(",")).join(";"),
    "2.7755575615628914e-17,0,2.7755575615628914e-17,0.39929329990267437,0.598941789493296;"
    + "2.7755575615628914e-17,0.20109572962134561,0.598941789493296,0.20109572962134561,"
    + "2.7755575615628914e-17;0.598941789493296,0.39929329990267437,2.7755575615628914e-17,0,"
    + "2.7755575615628914e-17",
  );
});

test("parts that are not above zero are black, and so is a channel without a colour", () => {
  const rows = mixOf({ ...PURE, gamma: 2.2, colors: [[-1, 0, 0], null] }, 2);
  assert.deepEqual(rows, [[0, 0], [0, 0], [0, 0]]);
});

test("mono has equal rows that end at its channel", () => {
  const mono = { ...PURE, mode: "mono", colors: [] };
  assert.deepEqual(mixOf({ ...mono, channel: 2 }, 5), [[0, 0, 1], [0, 0, 1], [0, 0, 1]]);
  assert.deepEqual(mixOf({ ...mono, channel: 7 }, 5), [[1], [1], [1]]);
});

test("a matrix that is given is taken as it is", () => {
  const given = { ...PURE, colors: [[1, 1, 1]], mix: [[1, 2, 3], [4, 5, 6]] };
  assert.deepEqual(mixOf(given, 2), [[1, 4], [2, 5], [3, 6]]);
});

test("channels whose labels match share a palette, from the first", () => {
  const colors = defaultColors(["u", "g", "mask", "r"], /^[ugr]$/g);
  assert.deepEqual(colors, [[0, 0, 1], [0, 1, 0], null, [1, 0, 0]]);
});

test("six channels of many have a colour", () => {
  const colors = defaultColors(Array.from({ length: 9 }, (_, n) => `c${n}`));
  assert.deepEqual(colors.map((color) => color && hexOf(color)), [...PALETTES[6], null, null, null]);
});

test("one channel is white", () => {
  assert.deepEqual(defaultColors(["only"]), [[1, 1, 1]]);
});

test("colours are written with two digits each, cut to what a screen has", () => {
  assert.equal(hexOf([0, 0.5, 1]), "#0080ff");
  assert.equal(hexOf([-1, 0.001, 2]), "#0000ff");
  assert.equal(hexOf(null), "#000000");
  assert.deepEqual(colorOf("#00FF00"), [0, 1, 0]);
  assert.equal(colorOf("red"), null);
});
