// Cards of a FITS header (FITS 4.0 §4): 80 columns each, or a line each.

/**
 * @typedef {object} Card
 * @property {string} keyword Upper case; "" for a blank card. "ESO TEL ALT" after HIERARCH.
 * @property {string|number|boolean|undefined} value Undefined: a commentary card, or no value.
 * @property {string} comment What follows the slash, or the text of a commentary card.
 * @property {string} text The card as it stands, without the blanks at its end.
 */

/**
 * @typedef {object} Header
 * @property {function(string): (string|number|boolean|undefined)} get Value of the first card
 *     that has this keyword.
 * @property {readonly Card[]} cards In order, up to END.
 */

const COLUMNS = 80;
const KEYWORD = /^([A-Z0-9_-]{1,8}) *=(.*)$/i;
const HIERARCH = /^HIERARCH +([^='/]+?) *=(.*)$/i;
const STRING = /^ *'((?:[^']|'')*)'? *(?:\/(.*))?$/;
const PLAIN = /^ *([^/]*?) *(?:\/(.*))?$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[ED][+-]?\d+)?$/i;
const CONTINUED = /&$/;

/**
 * Read a header.
 *
 * @param {string} text Cards of 80 columns one after the other, or one card per line. Text that is
 *     no header gives a header without values.
 * @returns {Header}
 */
export function parseHeader(text) {
  const cards = [];
  for (const line of cardTexts(text)) {
    const card = parseCard(line);
    if (card.keyword === "END" && card.value === undefined) {
      break;
    }
    if (card.keyword === "CONTINUE" && continues(cards.at(-1), card)) {
      cards.push(joined(cards.pop(), card));
    } else {
      cards.push(card);
    }
  }
  return headerOf(cards.map(Object.freeze));
}

/** The number that a card gives; `otherwise` where there is none, or text. */
export function numberOf(header, keyword, otherwise) {
  const value = header.get(keyword);
  return Number.isFinite(value) ? value : otherwise;
}

function headerOf(cards) {
  const values = new Map();
  for (const { keyword, value } of cards) {
    if (value !== undefined && !values.has(keyword)) {
      values.set(keyword, value);
    }
  }
  return Object.freeze({
    get: (keyword) => values.get(keyword.toUpperCase()),
    cards: Object.freeze(cards),
  });
}

function cardTexts(text) {
  const texts = [];
  for (const line of text.split(/\r?\n|\r|\0/)) {
    for (let at = 0; at < line.length; at += COLUMNS) {
      texts.push(line.slice(at, at + COLUMNS).trimEnd());
    }
  }
  return texts.filter((card) => card !== "");
}

/** Read one card. A card without "=" at its place is commentary, whatever it quotes. */
function parseCard(text) {
  const found = text.match(HIERARCH) ?? text.match(KEYWORD);
  if (found) {
    return { keyword: found[1].toUpperCase(), ...parseValue(found[2]), text };
  }
  const keyword = text.slice(0, 8).trim().toUpperCase();
  const rest = text.slice(8);
  if (keyword === "CONTINUE") {
    return { keyword, ...parseValue(rest), text };
  }
  return { keyword, value: undefined, comment: rest.trim(), text };
}

function parseValue(text) {
  const quoted = text.match(STRING);
  if (quoted) {
    return {
      value: quoted[1].replaceAll("''", "'").trimEnd(),
      comment: (quoted[2] ?? "").trim(),
    };
  }
  const [, word, comment = ""] = text.match(PLAIN);
  return { value: valueOf(word), comment: comment.trim() };
}

/** Numbers may have an exponent of Fortran (1.5D-3); what is no number or flag stays text. */
function valueOf(word) {
  if (word === "") {
    return undefined;
  }
  if (word === "T" || word === "F") {
    return word === "T";
  }
  return NUMBER.test(word) ? Number(word.replace(/d/i, "E")) : word;
}

/** A string that ends with "&" goes on in the CONTINUE card that follows (FITS 4.0 §4.2.1.2). */
function continues(before, card) {
  return typeof before?.value === "string" && CONTINUED.test(before.value)
    && typeof card.value === "string";
}

function joined(before, card) {
  return {
    keyword: before.keyword,
    value: before.value.replace(CONTINUED, "") + card.value,
    comment: [before.comment, card.comment].filter(Boolean).join(" "),
    text: `${before.text}\n${card.text}`,
  };
}

