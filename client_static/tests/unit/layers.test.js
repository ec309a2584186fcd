// Imports only go down, and the core knows no page.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const ROOT = path.resolve(import.meta.dirname, "../..");
const LAYERS = [ // high to low: a line may import the lines below it, never its neighbours
  ["viewer", "compat"],
  ["ui"],
  ["plots", "leaflet"],
  ["core"],
];
const LIBRARIES = { // who may import what is not ours
  leaflet: ["viewer", "compat", "ui", "leaflet"],
  uplot: ["plots"],
};
const LONGEST = 300; // lines of a module

const IMPORT = /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/gm;

function modules() {
  return ["src", "viewer"].flatMap((folder) => (
    fs.readdirSync(path.join(ROOT, folder), { recursive: true })
      .filter((name) => name.endsWith(".js"))
      .map((name) => path.join(folder, name))
  ));
}

const layerOf = (name) => (name.startsWith("viewer") ? "viewer" : name.split(path.sep)[1]);
const heightOf = (layer) => LAYERS.findIndex((line) => line.includes(layer));
const textOf = (name) => fs.readFileSync(path.join(ROOT, name), "utf8");
const codeOf = (name) => textOf(name).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
const importsOf = (name) => [...codeOf(name).matchAll(IMPORT)].map(([, one, other]) => one ?? other);

/** What is wrong with an import, or nothing. */
function faultOf(name, imported) {
  const layer = layerOf(name);
  if (!imported.startsWith(".")) {
    const allowed = LIBRARIES[imported]?.includes(layer) || imported.endsWith(".css");
    return allowed ? null : `${name} imports ${imported}`;
  }
  const target = path.join(path.dirname(name), imported);
  const other = layerOf(target);
  if (!fs.existsSync(path.join(ROOT, target))) {
    return `${name} imports ${imported}, which is not there`;
  }
  return other === layer || heightOf(other) > heightOf(layer) ? null : `${name} imports ${target}`;
}

test("every module belongs to a layer", () => {
  const strangers = modules().filter((name) => heightOf(layerOf(name)) < 0);
  assert.deepEqual(strangers, []);
});

test("imports only go down", () => {
  const faults = modules().flatMap((name) => importsOf(name).map((one) => faultOf(name, one)));
  assert.ok(faults.length > 10);
  assert.deepEqual(faults.filter(Boolean), []);
});

test("an import of a higher layer, of a neighbour or of a stranger would be found", () => {
  assert.ok(faultOf("src/core/iip.js", "../leaflet/crs.js"));
  assert.ok(faultOf("src/leaflet/crs.js", "../plots/plot.js"));
  assert.ok(faultOf("src/core/iip.js", "leaflet"));
  assert.ok(faultOf("src/ui/panel.js", "jquery"));
  assert.equal(faultOf("src/leaflet/tilelayer.js", "../core/iip.js"), null);
});

test("the core knows no page", () => {
  const page = /\b(?:document|window|location|localStorage|HTMLElement|DOMParser)\s*[.([]/;
  const knowing = modules().filter((name) => layerOf(name) === "core" && page.test(codeOf(name)));
  assert.deepEqual(knowing, []);
});

test("no module is longer than 300 lines", () => {
  const long = modules().filter((name) => textOf(name).split("\n").length - 1 > LONGEST);
  assert.deepEqual(long, []);
});
