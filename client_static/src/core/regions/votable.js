// VOTable (IVOA Recommendation 1.4) with its rows as TABLEDATA: its first table that has positions.
//
// A scanner of tags is enough: nothing of the XML is ever put into a page.

import { pointsOf, positionColumns } from "./columns.js";

const TAG = new RegExp([
  "<(?:!--[\\s\\S]*?-->", // a comment
  "!\\[CDATA\\[([\\s\\S]*?)\\]\\]>",
  "(\\/?)(?:[\\w.-]+:)?([\\w.-]+)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>)", // slash, name, attributes
].join("|"), "g");
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES = Object.freeze({
  __proto__: null, lt: "<", gt: ">", amp: "&", quot: "\"", apos: "'",
});

/**
 * Read a VOTable.
 *
 * @param {string} text
 * @returns {object} FeatureCollection of points; `table` among their properties holds the row.
 * @throws {SyntaxError} For what is no VOTable, has binary data only, or no positions.
 */
export function parse(text) {
  const { tables, binary } = scan(text);
  for (const { columns, rows } of tables) {
    const place = positionColumns(columns);
    const result = place && pointsOf(columns, rows, place);
    if (result && result.features.length > 0) {
      return result;
    }
  }
  throw new SyntaxError(binary
    ? "The rows of this VOTable are binary: save it as TABLEDATA or CSV."
    : "This is no VOTable with positions.");
}

function scan(text) {
  const state = { tables: [], binary: false, row: null, cell: null };
  let last = 0;
  for (const tag of text.matchAll(TAG)) {
    const [whole, cdata, slash, name, attributes] = tag;
    if (state.cell !== null) {
      state.cell += decoded(text.slice(last, tag.index)) + (cdata ?? "");
    }
    last = tag.index + whole.length;
    if (name) {
      (slash ? CLOSING : OPENING)[name]?.(state, attributes);
      if (!slash && attributes.endsWith("/")) {
        CLOSING[name]?.(state);
      }
    }
  }
  return state;
}

const current = (state) => state.tables.at(-1);

const OPENING = Object.freeze({
  __proto__: null,
  TABLE: (state) => state.tables.push({ columns: [], rows: [] }),
  FIELD: (state, text) => {
    const { name = "", ID = "", ucd } = attributesOf(text);
    current(state)?.columns.push({ name: name || ID, ucd });
  },
  TR: (state) => { state.row = []; },
  TD: (state) => { state.cell = ""; },
  BINARY: (state) => { state.binary = true; },
  BINARY2: (state) => { state.binary = true; },
});

const CLOSING = Object.freeze({
  __proto__: null,
  TD: (state) => {
    state.row?.push(state.cell ?? "");
    state.cell = null;
  },
  TR: (state) => {
    current(state)?.rows.push(state.row ?? []);
    state.row = null;
  },
});

function attributesOf(text) {
  return Object.fromEntries([...text.matchAll(ATTRIBUTE)]
    .map(([, name, quoted, single]) => [name, decoded(quoted ?? single)]));
}

function decoded(text) {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all, hex, decimal, name) => {
    const code = hex ? parseInt(hex, 16) : decimal ? Number(decimal) : -1;
    return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES[name] ?? all;
  });
}
