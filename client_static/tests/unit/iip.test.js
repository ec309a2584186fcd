// Addresses and answers of the image server.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  changed, defaultSettings, endpointOf, gridSize, imageUrl, levelSize, openingUrl, parseInfo,
  parseProfile, profileUrl, snapshotUrl, spectrumUrl, tileQuery, tileSize, tileUrl,
} from "../../src/core/iip.js";

const ENDPOINT = "/fcgi-bin/iipsrv.fcgi?FIF=sky.ptif";

function card(keyword, value) {
  return `${keyword.padEnd(8)}= ${value}`.padEnd(80);
}

function answer({ size = "1025 600", bits = 32, cuts = "85.5  188.25  -1e-3  1375", cards = "" } = {}) {
  return [
    "IIP:1.0", `Max-size:${size}`, "Tile-size:256 256", "Resolution-number:3",
    `Bits-per-channel:${bits}`, `Min-Max-sample-values: ${cuts}`,
    `subject/${cards.length}:${cards}`, "",
  ].join("\r\n");
}

const info = parseInfo(answer());
const settings = defaultSettings(info);

test("an image is opened with the seven questions of the protocol, in order", () => {
  assert.equal(
    openingUrl(ENDPOINT),
    `${ENDPOINT}&obj=IIP,1.0&obj=max-size&obj=tile-size&obj=resolution-number`
    + "&obj=bits-per-channel&obj=min-max-sample-values&obj=subject",
  );
});

test("what follows the name in an address is left out", () => {
  assert.equal(endpointOf(`${ENDPOINT}&obj=IIP,1.0&CNT=2`), ENDPOINT);
  assert.equal(endpointOf(ENDPOINT), ENDPOINT);
});

test("a name is written into an address so that it comes back", () => {
  assert.equal(imageUrl("/iip", "a b/c&d.ptif"), "/iip?FIF=a%20b/c%26d.ptif");
});

test("the opening answer is read", () => {
  const cards = card("CHAN0002", "'g band  '") + card("OBJECT", "'M 51    '") + card("BUNIT", "'Jy'");
  const read = parseInfo(answer({ cards }));
  assert.equal(read.title, "M 51");
  assert.deepEqual(read.size, [1025, 600]);
  assert.deepEqual(read.tile, [256, 256]);
  assert.equal(read.levels, 3);
  assert.equal(read.bits, 32);
  assert.equal(read.channels, 2);
  assert.deepEqual(read.cuts, [[85.5, 188.25], [-0.001, 1375]]);
  assert.deepEqual(read.labels, ["Channel #1", "g band"]);
  assert.deepEqual(read.units, ["Jy", "Jy"]);
});

test("a blank at the end of the cuts adds no half channel", () => {
  assert.equal(parseInfo(answer({ cuts: "0  255 " })).channels, 1);
});

test("a header that quotes an answer does not replace it", () => {
  const cards = card("COMMENT", "Max-size:1 1 Tile-size:1 1");
  assert.deepEqual(parseInfo(answer({ cards })).size, [1025, 600]);
});

for (const [name, text, message] of [
  ["a page", "<html>Not here</html>", /not come from an image server/],
  ["an error of the protocol", "\r\nError/7:1 3 FIF\r\n", /not come from an image server/],
  ["half an answer", "IIP:1.0\r\nMax-size:10 10\r\n", /does not tell/],
  ["an image without pixels", answer({ size: "0 600" }), /wrongly/],
  ["an image without channels", answer({ cuts: "" }), /how many channels/],
]) {
  test(`${name} is no image, and the message says so`, () => {
    assert.throws(() => parseInfo(text), { message });
  });
}

test("levels are halved with floor, and never empty", () => {
  assert.deepEqual([0, 1, 2].map((level) => levelSize(info, level)), [[256, 150], [512, 300], [1025, 600]]);
  assert.deepEqual(levelSize({ size: [1, 1], levels: 3 }, 0), [1, 1]);
});

test("tiles of the right and lower edges have their true size", () => {
  assert.deepEqual(gridSize(info, 2), [5, 3]);
  assert.deepEqual(tileSize(info, { x: 0, y: 0, z: 2 }), [256, 256]);
  assert.deepEqual(tileSize(info, { x: 4, y: 2, z: 2 }), [1, 88]);
  assert.deepEqual(tileSize(info, { x: 0, y: 0, z: 0 }), [256, 150]);
});

test("images of 32 bits are shown with a gamma of 2.2, unless another is wanted", () => {
  assert.equal(settings.gamma, 2.2);
  assert.equal(defaultSettings(info, { gamma: 1.5 }).gamma, 1.5);
  assert.equal(defaultSettings(parseInfo(answer({ bits: 16 }))).gamma, 1);
});

test("options may give cuts and colours of some channels", () => {
  const given = defaultSettings(info, { cuts: [undefined, [1, 2]], colors: [[1, 0, 0]] });
  assert.deepEqual(given.cuts, [[85.5, 188.25], [1, 2]]);
  assert.deepEqual(given.colors, [[1, 0, 0], null]);
});

test("a picture without names of channels is red, green and blue, if that is wanted", () => {
  const cuts = "0  255  0  255  0  255";
  const colorsOf = (told, options) => defaultSettings(parseInfo(answer(told)), options).colors;
  const natural = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const palette = [...natural].reverse(); // of VisiOmatic 2: from blue to red
  assert.deepEqual(colorsOf({ bits: 8, cuts }, { natural: true }), natural);
  assert.deepEqual(colorsOf({ bits: 8, cuts }), palette);
  assert.deepEqual(colorsOf({ bits: 16, cuts }, { natural: true }), palette);
  const cards = card("CHAN0002", "'g band'");
  assert.deepEqual(colorsOf({ bits: 8, cuts, cards }, { natural: true }), palette);
  assert.deepEqual(colorsOf({ bits: 8, cuts: "0  255" }, { natural: true }), [[1, 1, 1]]);
  assert.deepEqual(colorsOf({ bits: 8, cuts }, { natural: true, colors: [[1, 1, 1]] }), [[1, 1, 1], null, null]);
});

test("settings are never written to", () => {
  assert.throws(() => { settings.gamma = 1; }, TypeError);
  assert.equal(changed(settings, { gamma: 1 }).gamma, 1);
  assert.equal(settings.gamma, 2.2);
});

test("what is as the server has it is not sent, but for the matrix", () => {
  const plain = defaultSettings(parseInfo(answer({ bits: 8, cuts: "0  255" })));
  const grey = parseInfo(answer({ bits: 8, cuts: "0  255" }));
  assert.equal(tileQuery(grey, plain), "&CTW=1;1;1&JTL=");
});

test("everything that is not, in the order and the number formats of VisiOmatic 2", () => {
  const all = changed(settings, {
    mode: "mono", channel: 1, colormap: "jet", inverted: true, contrast: 1.05, gamma: 2.2,
    quality: 75, cuts: [[1e-7, 1e21], [-0.001, 1375]],
  });
  assert.equal(
    tileQuery(info, all),
    "&CMP=jet&INV&CNT=1.05&GAM=0.4545&MINMAX=1:1e-7,1e+21&CTW=0,1;0,1;0,1&QLT=75&JTL=",
  );
});

test("a limit that is no number in the answer is not sent back", () => {
  const odd = parseInfo(answer({ cuts: "nan  1" }));
  assert.ok(!tileQuery(odd, defaultSettings(odd)).includes("MINMAX"));
});

test("tiles are counted along rows", () => {
  const url = tileUrl(ENDPOINT, info, settings, { x: 3, y: 2, z: 2 });
  assert.ok(url.startsWith(`${ENDPOINT}&GAM=0.4545&CTW=`));
  assert.ok(url.endsWith("&JTL=2,13"));
});

test("profiles and spectra are asked by pixels from the top left", () => {
  assert.equal(profileUrl(ENDPOINT, 4, [1, 2], [9, 2]), `${ENDPOINT}&PFL=4:1,2-9,2`);
  assert.equal(spectrumUrl(ENDPOINT, 4, [5, 6]), `${ENDPOINT}&PFL=4:5,6-5,6`);
});

test("a snapshot is the view's query with a region for the tile", () => {
  const grey = parseInfo(answer({ bits: 8, cuts: "0  255" }));
  assert.equal(
    snapshotUrl(ENDPOINT, grey, defaultSettings(grey), { region: [-0.1, 0.25, 1.2, 0.5], width: 900 }),
    `${ENDPOINT}&CTW=1;1;1&RGN=-0.1,0.25,1.2,0.5&WID=900&CVT=jpeg`,
  );
});

test("a profile is read, and what is no number is null", () => {
  assert.deepEqual(parseProfile('{\n\t"profile": [1,null,2.5]\n}'), [1, null, 2.5]);
  assert.deepEqual(parseProfile('{"profile": [nan,-nan,inf,-inf,3]}'), [null, null, null, null, 3]);
  assert.throws(() => parseProfile("<html>"), /no list/);
  assert.throws(() => parseProfile('{"profile": 3}'), /no pixel values/);
  assert.throws(() => parseProfile("null"), /no pixel values/);
});
