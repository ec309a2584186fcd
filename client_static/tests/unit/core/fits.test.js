import assert from "node:assert/strict";
import test from "node:test";

import { parseHeader } from "../../../src/core/fits.js";

const cards = (...texts) => texts.map((text) => text.padEnd(80)).join("");

test("cards of 80 columns are read", () => {
  const header = parseHeader(cards(
    "SIMPLE  =                    T / conforms",
    "NAXIS1  =                 1237",
    "OBJECT  = 'O''Brien / 3 '      / name",
    "CRVAL1  =         150.11632213 / [deg]",
    "BLANKED =",
    "FLAG    = F",
    "END",
    "AFTER   = 1",
  ));
  assert.equal(header.get("SIMPLE"), true);
  assert.equal(header.get("FLAG"), false);
  assert.equal(header.get("NAXIS1"), 1237);
  assert.equal(header.get("object"), "O'Brien / 3");
  assert.equal(header.get("CRVAL1"), 150.11632213);
  assert.equal(header.get("BLANKED"), undefined);
  assert.equal(header.get("AFTER"), undefined);
  assert.equal(header.cards.length, 6);
  assert.equal(header.cards[3].comment, "[deg]");
});

test("lines are cards too", () => {
  const header = parseHeader("CTYPE1  = 'RA---TAN'\r\nCRPIX1=12.5\nEQUINOX =   2000.0 / year\n");
  assert.equal(header.get("CTYPE1"), "RA---TAN");
  assert.equal(header.get("CRPIX1"), 12.5);
  assert.equal(header.get("EQUINOX"), 2000);
});

for (const [text, value] of [
  ["1.5D-3", 0.0015], ["-1.5d+03", -1500], ["1E5", 1e5], [".5", 0.5], ["5.", 5], ["+7", 7],
  ["(1, 2)", "(1, 2)"], ["NaN", "NaN"], ["''", ""], ["'  a'", "  a"],
]) {
  test(`the value ${text} is ${JSON.stringify(value)}`, () => {
    assert.equal(parseHeader(`KEY     = ${text}`).get("KEY"), value);
  });
}

test("a comment that quotes a card is no card", () => {
  const header = parseHeader(cards(
    "COMMENT CRVAL1  = 1.0",
    "HISTORY  CTYPE1  = 'RA---SIN'",
    "        CRVAL1  = 2.0",
    "CRVAL1  = 3.0",
    "CRVAL1  = 4.0",
  ));
  assert.equal(header.get("CRVAL1"), 3);
  assert.equal(header.get("CTYPE1"), undefined);
  assert.deepEqual(header.cards[0], {
    keyword: "COMMENT", value: undefined, comment: "CRVAL1  = 1.0",
    text: "COMMENT CRVAL1  = 1.0",
  });
});

test("CONTINUE goes on with a string", () => {
  const header = parseHeader(cards(
    "LONG    = 'one &'", "CONTINUE  'two &' / first", "CONTINUE  'three' / second",
    "OTHER   = 'not &'", "NEXT    = 1", "CONTINUE  'lost'",
  ));
  assert.equal(header.get("LONG"), "one two three");
  assert.equal(header.cards[0].comment, "first second");
  assert.equal(header.get("OTHER"), "not &");
  assert.equal(header.get("CONTINUE"), "lost");
});

test("HIERARCH keywords have their blanks", () => {
  const header = parseHeader("HIERARCH ESO TEL AIRM START = 1.04 / airmass");
  assert.equal(header.get("ESO TEL AIRM START"), 1.04);
});

for (const text of ["", "\0\0", "<html><body>Error</body></html>", "=".repeat(500)]) {
  test(`no header has no values: ${JSON.stringify(text.slice(0, 10))}`, () => {
    const header = parseHeader(text);
    assert.equal(header.get("CTYPE1"), undefined);
    assert.equal(header.get("constructor"), undefined);
  });
}
