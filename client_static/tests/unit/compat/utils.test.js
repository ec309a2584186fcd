import assert from "node:assert/strict";
import test from "node:test";

import { headerText, makeUtils } from "../../../src/compat/utils.js";

const utils = makeUtils((position) => position);

test("the words of a query are read as they stand", () => {
  assert.deepEqual(utils.parseURL("?foo=ok&bar=1&empty=&flag&c=a%20b"),
    { foo: "ok", bar: "1", empty: "", flag: undefined, c: "a%20b" });
});

for (const [url, updated] of [
  ["p.html", "p.html?a=x"], ["p.html?b=1", "p.html?b=1&a=x"], ["p.html?a=1&b=2", "p.html?a=x&b=2"],
  ["p.html?aa=1#top", "p.html?aa=1&a=x#top"], ["p.html?A=1", "p.html?a=x"],
]) {
  test(`a word is set in ${url}`, () => assert.equal(utils.updateURL(url, "a", "x"), updated));
}

test("a card is read from a header or from a server's answer", () => {
  const answer = "IIP:1.0\r\nsubject/160:" + "CRVAL1  =  150.5 / deg".padEnd(80)
    + "OBJECT  = 'M 51    '".padEnd(80);
  assert.equal(utils.readFITSKey("crval1", answer), "150.5");
  assert.equal(utils.readFITSKey("OBJECT", answer), "M 51");
  assert.equal(utils.readFITSKey("NONE", answer), null);
  assert.equal(headerText(answer).slice(0, 6), "CRVAL1");
});

test("positions are written and read with hours and degrees", () => {
  assert.equal(utils.latLngToHMSDMS({ lat: -2.5, lng: 150 }), "10:00:00.000 -02:30:00.00");
  assert.deepEqual(utils.hmsDMSToLatLng("10:00:00 -02:30:00"), { lat: -2.5, lng: 150 });
  assert.equal(utils.hmsDMSToLatLng("M 51"), undefined);
});

test("distances are great circles", () => {
  assert.ok(Math.abs(utils.distance({ lat: 60, lng: 0 }, { lat: 60, lng: 180 }) - 60) < 1e-12);
});

test("the patterns find what they name", () => {
  assert.equal(new RegExp(utils.REG_PDEC).exec("IIP:1.0")[1], "1.0");
  assert.equal(new RegExp(utils.REG_FLOAT).exec("x -1.5e-3 y")[1], "-1.5e-3");
});
