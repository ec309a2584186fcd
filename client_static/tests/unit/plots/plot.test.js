// A plot as a table.

import assert from "node:assert/strict";
import { test } from "node:test";

import { csvOf } from "../../../src/plots/plot.js";

test("a plot is a column of x and one per line, with gaps where there is no value", () => {
  const lines = [{ label: "u", values: [1.5, null] }, { label: 'g, "new"', values: [2, 3] }];
  assert.equal(csvOf({ x: [0, 0.5], xLabel: "Distance (arcsec)", lines }),
    'Distance (arcsec),u,"g, ""new"""\n0,1.5,2\n0.5,,3\n');
});

test("points that have names are called by them", () => {
  assert.equal(csvOf({ x: [0, 1], ticks: ["u", "g"], xLabel: "Channel", lines: [{ label: "Value", values: [1, 2] }] }),
    "Channel,Value\nu,1\ng,2\n");
});
