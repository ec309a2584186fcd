import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";

import { parseHeader } from "../../../../src/core/fits.js";
import { distance } from "../../../../src/core/units.js";
import { wcsOf } from "../../../../src/core/wcs/index.js";

const TABLES = JSON.parse(fs.readFileSync(new URL("tables.json", import.meta.url), "utf8"));
const CYLINDERS = new Set(["CAR", "CEA", "MER"]);

const header = (cards) => parseHeader(Object.entries(cards)
  .map(([keyword, value]) =>
    `${keyword.padEnd(8)}= ${typeof value === "string" ? `'${value}'` : value}`)
  .join("\n"));

const PLAIN = {
  CTYPE1: "RA---TAN", CTYPE2: "DEC--TAN", CRVAL1: 150, CRVAL2: 2, CRPIX1: 50.5, CRPIX2: 40.5,
  CD1_1: -0.001, CD1_2: 0, CD2_1: 0, CD2_2: 0.001,
};
const SIZE = [100, 80];

for (const { name, header: text, size, points } of TABLES) {
  test(`astropy agrees to 1e-8 degrees and 1e-6 pixels: ${name}`, () => {
    const wcs = wcsOf(parseHeader(text), size, { native: true });
    assert.notEqual(wcs.projection, "PIX", wcs.note);
    for (const [x, y, lng, lat] of points) {
      const sky = wcs.skyOf([x, y]);
      if (lng === null) { // astropy ends cylinders at 180 degrees from the reference point
        assert.ok(sky === null || CYLINDERS.has(wcs.projection), `${x}, ${y}: ${sky}`);
        continue;
      }
      assert.ok(distance(sky, [lng, lat]) < 1e-8, `${x}, ${y}: ${sky}, not ${lng}, ${lat}`);
      const [px, py] = wcs.pixelOf([lng, lat]);
      assert.ok(Math.hypot(px - x, py - y) < 1e-6, `${px}, ${py}, not ${x}, ${y}`);
    }
  });
}

test("the reference pixel is at the reference value, with north up and east left", () => {
  const wcs = wcsOf(header(PLAIN), SIZE);
  assert.ok(distance(wcs.skyOf([50.5, 40.5]), [150, 2]) < 1e-12);
  assert.ok(wcs.skyOf([50.5, 41.5])[1] > 2);
  assert.ok(wcs.skyOf([49.5, 40.5])[0] > 150);
  assert.equal(wcs.projection, "TAN");
  assert.equal(wcs.celsys, "equatorial");
  assert.equal(wcs.note, "");
  assert.ok(Math.abs(wcs.scaleAt([50.5, 40.5]) - 0.001) < 1e-9);
});

test("galactic coordinates become equatorial, unless they are to stay", () => {
  const cards = { ...PLAIN, CTYPE1: "GLON-CAR", CTYPE2: "GLAT-CAR", CRVAL1: 0, CRVAL2: 0 };
  const wcs = wcsOf(header(cards), SIZE);
  assert.equal(wcs.celsys, "equatorial");
  assert.equal(wcs.own, "galactic");
  assert.ok(distance(wcs.reference, [266.4049948, -28.93617396]) < 1e-7); // ERFA 2.0.1, eraG2icrs
  assert.ok(distance(wcs.skyOf([50.5, 40.5]), wcs.reference) < 1e-12);
  const [x, y] = wcs.pixelOf(wcs.reference);
  assert.ok(Math.hypot(x - 50.5, y - 40.5) < 1e-9);
  assert.equal(wcsOf(header(cards), SIZE, { native: true }).celsys, "galactic");
});

test("coordinates of the Sun stay what they are", () => {
  const cards = { ...PLAIN, CTYPE1: "HPLN-TAN", CTYPE2: "HPLT-TAN", CRVAL1: 0, CRVAL2: 0 };
  const wcs = wcsOf(header(cards), SIZE);
  assert.equal(wcs.celsys, "helio");
  assert.deepEqual(wcs.reference, [0, 0]);
});

test("a header without coordinates gives pixels, and says so", () => {
  const wcs = wcsOf(parseHeader(""), SIZE);
  assert.equal(wcs.celsys, "pixel");
  assert.equal(wcs.projection, "PIX");
  assert.match(wcs.note, /no celestial coordinates/);
  assert.deepEqual(wcs.skyOf([3, 4]), [3, 4]);
  assert.deepEqual(wcs.pixelOf([3, 4]), [3, 4]);
  assert.deepEqual(wcs.reference, [50.5, 40.5]);
  assert.equal(wcs.scaleAt([1, 1]), 1);
});

for (const [what, change, note] of [
  ["an unknown projection", { CTYPE1: "RA---XYZ", CTYPE2: "DEC--XYZ" }, /"XYZ" is not known/],
  ["a name that every object has", { CTYPE1: "RA---TOS", CTYPE2: "DEC--TOS" }, /"TOS"/],
  ["no projection", { CTYPE1: "RA", CTYPE2: "DEC" }, /"" is not known/],
  ["one axis only", { CTYPE2: "FREQ" }, /no celestial coordinates/],
  ["a matrix of zeros", { CD1_1: 0, CD2_2: 0 }, /no inverse/],
  ["a unit of length", { CUNIT1: "m" }, /no unit of angles/],
  ["a unit that every object has", { CUNIT1: "constructor" }, /no unit of angles/],
  ["a latitude of 91", { CRVAL2: 91 }, /contradict/],
  ["a pole that cannot be", { CTYPE1: "RA---CAR", CTYPE2: "DEC--CAR", CRVAL2: 40, LONPOLE: 80 },
    /contradict/],
  ["a cone without angle", { CTYPE1: "RA---COE", CTYPE2: "DEC--COE" }, /needs PV2_1/],
]) {
  test(`pixels, with a note: ${what}`, () => {
    const wcs = wcsOf(header({ ...PLAIN, ...change }), SIZE);
    assert.equal(wcs.projection, "PIX");
    assert.match(wcs.note, note);
  });
}

test("coordinates of another equinox have a note", () => {
  const note = (cards) => wcsOf(header({ ...PLAIN, ...cards }), SIZE).note;
  assert.match(note({ EQUINOX: 1950 }), /FK4, equinox 1950/);
  assert.match(note({ RADESYS: "FK4" }), /FK4/);
  assert.match(note({ EQUINOX: 2015.5, RADESYS: "FK5" }), /equinox 2015.5/);
  assert.equal(note({ EQUINOX: 2000, RADESYS: "FK5" }), "");
  assert.equal(note({ RADESYS: "ICRS", EQUINOX: 2016 }), "");
});

test("TPV without terms is TAN", () => {
  const tpv = { ...PLAIN, CTYPE1: "RA---TPV", CTYPE2: "DEC--TPV" };
  const [a, b] = [PLAIN, tpv].map((cards) => wcsOf(header(cards), SIZE));
  assert.equal(b.projection, "TPV");
  assert.deepEqual(a.skyOf([3, 77]), b.skyOf([3, 77]));
});

test("a plate carrée map goes on past 180 degrees: it may begin at longitude 0", () => {
  const wcs = wcsOf(header({
    CTYPE1: "GLON-CAR", CTYPE2: "GLAT-CAR", CRVAL1: 0, CRVAL2: 0, CRPIX1: 0.5, CRPIX2: 90.5,
    CDELT1: 1, CDELT2: 1,
  }), [360, 180], { native: true });
  for (const x of [1, 90, 270, 360]) {
    const sky = wcs.skyOf([x, 100]);
    assert.ok(Math.abs(sky[0] - (x - 0.5)) < 1e-9);
    assert.ok(Math.hypot(wcs.pixelOf(sky)[0] - x) < 1e-9);
  }
  assert.equal(wcs.skyOf([10, 182]), null); // latitude 91.5
});

test("what lies behind the tangent plane has no pixel", () => {
  const wcs = wcsOf(header(PLAIN), SIZE);
  assert.equal(wcs.pixelOf([330, -2]), null);
  assert.equal(wcs.pixelOf([150, -88.5]), null);
});

test("a distortion that goes nowhere gives no pixel, and does not run on", () => {
  const sip = { A_ORDER: 2, A_2_0: 1e-3, B_ORDER: 2, B_0_2: 1e-3 };
  const wcs = wcsOf(header({ ...PLAIN, ...sip }), SIZE);
  assert.equal(wcs.pixelOf([151.5, 2]), null); // x - 1500 px: u + 1e-3 u² is never below -250
});

test("numbers that are no numbers do not spoil a header", () => {
  const wcs = wcsOf(header({ ...PLAIN, CRVAL1: "abc", LONPOLE: "x" }), SIZE);
  assert.equal(wcs.projection, "TAN");
  assert.ok(wcs.skyOf([1, 1]).every(Number.isFinite));
});
