// Tables of positions as comma-, semicolon- or tabulator-separated values (RFC 4180).

import { pointsOf, positionColumns } from "./columns.js";

/**
 * Read a table: its first line may name the columns (ra, dec; glon, glat; x, y …); without names
 * the first two columns that hold numbers are right ascension and declination.
 *
 * @param {string} text
 * @returns {object} FeatureCollection of points; `table` among their properties holds the row.
 * @throws {SyntaxError} Where no position is found.
 */
export function parse(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() && !line.startsWith("#"));
  const mark = ["\t", ";", ","].find((each) => lines[0]?.includes(each)) ?? ",";
  const rows = lines.map((line) => cells(line, mark));
  const columns = (rows[0] ?? []).map((name) => ({ name }));
  const place = positionColumns(columns);
  const result = place ? pointsOf(columns, rows.slice(1), place) : withoutNames(rows);
  if (result.features.length === 0) {
    throw new SyntaxError("This table has no positions: it needs columns named ra and dec.");
  }
  return result;
}

function withoutNames(rows) {
  const first = rows[0] ?? [];
  const numbers = first.map((_, index) => index)
    .filter((index) => first[index].trim() !== "" && Number.isFinite(Number(first[index])));
  const label = first.findIndex((_, index) => !numbers.includes(index));
  const columns = first.map((_, index) => ({ name: `column ${index + 1}` }));
  const place = { lng: numbers[0], lat: numbers[1], system: "equatorial", label };
  return numbers.length < 2
    ? { type: "FeatureCollection", features: [], skipped: rows.length }
    : pointsOf(columns, rows, place);
}

/** The cells of a line; a cell in quotes may hold the mark, and quotes twice. */
function cells(line, mark) {
  const found = [];
  let rest = line;
  while (rest !== null) {
    const quoted = rest.match(/^\s*"((?:[^"]|"")*)"\s*/);
    const end = rest.indexOf(mark, quoted ? quoted[0].length : 0);
    const plain = rest.slice(0, end < 0 ? undefined : end);
    found.push(quoted ? quoted[1].replaceAll("\"\"", "\"") : plain);
    rest = end < 0 ? null : rest.slice(end + 1);
  }
  return found;
}
