/**
 * Joins the modules of this folder into files that any web server can give away.
 *
 *     node build.mjs [FOLDER]      FOLDER is made anew; without it, dist
 *
 * What is in assets/ carries a hash of its content in its name, and may be kept for ever;
 * everything else keeps its name, and is to be asked for again (no-cache).
 */

import fs from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const LEAFLET = "node_modules/leaflet/dist";

const COPIES = [ // from here, into the folder
  ["viewer/config.json", "config.json"],
  ["viewer/help.html", "help.html"],
  ["css/help.css", "help.css"],
  ["icon.svg", "icon.svg"],
  [`${LEAFLET}/leaflet.js`, "leaflet/leaflet.js"],
  [`${LEAFLET}/leaflet-src.js`, "leaflet/leaflet-src.js"],
  [`${LEAFLET}/leaflet.css`, "leaflet/leaflet.css"],
  [`${LEAFLET}/images`, "leaflet/images"],
  ["node_modules/leaflet/LICENSE", "leaflet/LICENSE"],
  ["icon.svg", "images/icon.svg"],
];

// Pages written for VisiOmatic 2 load these; what was in them is in visiomatic.js.
const EMPTY = ["jqplot", "jqplot-min", "spectrum", "spectrum-min"].flatMap(
  (name) => [`${name}.js`, `${name}.css`],
);
const NO_JQUERY = `if (!window.jQuery) {
  console.warn("jquery-min.js is empty here: a page that uses $ brings its own jQuery.");
}
`;

const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  loader: { ".gif": "dataurl", ".png": "dataurl", ".svg": "dataurl" },
  logLevel: "warning",
  target: ["es2022"],
};

/** In a classic script, Leaflet is the page's own: its global L. */
const PAGES_LEAFLET = {
  name: "leaflet of the page",
  setup(bundler) {
    bundler.onResolve({ filter: /^leaflet$/ }, () => (
      { path: path.join(HERE, "src/compat/pageleaflet.cjs") }
    ));
  },
};

async function main(folder) {
  await fs.rm(folder, { recursive: true, force: true });
  await fs.mkdir(folder, { recursive: true });
  await Promise.all([
    dropIn(folder, "visiomatic.js", true),
    dropIn(folder, "visiomatic-src.js", false),
    viewer(folder),
    embedded(folder),
    ...COPIES.map(([from, to]) => copy(path.join(HERE, from), path.join(folder, to))),
    ...EMPTY.map((name) => fs.writeFile(path.join(folder, name), "")),
    fs.writeFile(path.join(folder, "jquery-min.js"), NO_JQUERY),
  ]);
}

/** Write the classic script of pages that were written for VisiOmatic 2, and its style sheet. */
async function dropIn(folder, name, minify) {
  await build({
    ...COMMON,
    entryPoints: ["src/compat/visiomatic2.js"],
    outfile: path.join(folder, name),
    format: "iife",
    minify,
    plugins: [PAGES_LEAFLET],
  });
  await build({
    ...COMMON,
    entryPoints: ["css/visiomatic.css"],
    outfile: path.join(folder, "visiomatic.css"),
    minify: true,
  });
}

/** Write the ready-made page, with the names of its script and its style sheet. */
async function viewer(folder) {
  const { metafile } = await build({
    ...COMMON,
    entryPoints: { viewer: "viewer/viewer.js", style: "css/viewer.css" },
    outdir: folder,
    entryNames: "assets/[name]-[hash]",
    chunkNames: "assets/[name]-[hash]",
    format: "esm",
    metafile: true,
    minify: true,
    splitting: true,
  });
  const named = new Map(Object.entries(metafile.outputs).map(
    ([file, { entryPoint }]) => [entryPoint, path.relative(folder, path.resolve(HERE, file))],
  ));
  const page = await fs.readFile(path.join(HERE, "viewer/index.html"), "utf8");
  const found = page
    .replace(/"(?:\.\.\/css\/)?viewer\.css"/, `"${named.get("css/viewer.css")}"`)
    .replace('"viewer.js"', `"${named.get("viewer/viewer.js")}"`);
  if (found.split("assets/").length !== 3) {
    throw new Error("viewer/index.html does not name viewer.js and viewer.css once each");
  }
  await fs.writeFile(path.join(folder, "index.html"), found);
}

/** Write what pages of your own import to have viewers in them: createViewer, and its style sheet. */
async function embedded(folder) {
  await build({
    ...COMMON,
    entryPoints: { iipviewer: "viewer/create.js" },
    outdir: folder,
    chunkNames: "assets/[name]-[hash]",
    format: "esm",
    minify: true,
    splitting: true,
  });
  await build({
    ...COMMON, entryPoints: ["css/viewer.css"], outfile: path.join(folder, "iipviewer.css"), minify: true,
  });
}

async function copy(from, to) {
  await fs.mkdir(path.dirname(to), { recursive: true });
  await fs.cp(from, to, { recursive: true });
}

await main(path.resolve(process.argv[2] ?? path.join(HERE, "dist")));
