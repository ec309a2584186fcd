// The panel of the FITS header: its cards, with a search, and what is known of the image.

import { button, copyText, field, make } from "./dom.js";

/** @param {import("./viewer.js").Viewer} viewer @returns {import("./sidebar.js").Panel} */
export function headerPanel(viewer) {
  const facts = make("dl", { class: "iip-facts" });
  const search = make("input", { type: "search", class: "iip-input", placeholder: "Keyword, value or comment",
    spellcheck: "false", autocomplete: "off", oninput: () => show() });
  const count = make("p", { class: "iip-hint", role: "status" });
  const cards = make("div", { class: "iip-cards", tabindex: "0", role: "group", "aria-label": "Cards of the header" });
  const show = () => {
    const all = viewer.layer?.info?.header.cards ?? [];
    const found = all.filter(({ text }) => matches(text, search.value));
    count.textContent = all.length ? countText(found.length, all.length, search.value)
      : "The server sends no FITS header with this image.";
    cards.hidden = found.length === 0;
    cards.replaceChildren(...found.map((card) => cardRow(card, search.value)));
  };
  const restart = () => {
    search.value = "";
    facts.replaceChildren(...(viewer.layer?.info ? factsOf(viewer) : []));
    show();
  };
  const copy = async () => {
    const text = (viewer.layer?.info?.header.cards ?? []).map((card) => card.text).join("\n");
    viewer.tell(await copyText(text) ? "The header is on the clipboard." : "The browser does not let the page copy.");
  };
  viewer.on("layer", restart);
  restart();
  return {
    id: "header", title: "Header", short: "Header", icon: "header",
    element: make("div", { class: "iip-part iip-header" }, facts, field("Search in the header", search), count, cards,
      make("div", { class: "iip-row" }, button("Copy the header", copy, { icon: "copy" }))),
    destroy: () => viewer.off("layer", restart),
  };
}

const matches = (text, words) => words.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));

const countText = (found, all, words) => (words.trim() ? `${found} of ${all} cards` : `${all} cards`);

function factsOf(viewer) {
  const { info, wcs } = viewer.layer;
  const rows = [
    ["Size", `${info.size[0]} × ${info.size[1]} pixels`],
    ["Channels", `${info.channels} of ${info.bits} bits`],
    ["Levels", `${info.levels}, tiles of ${info.tile[0]} × ${info.tile[1]}`],
    ["Sky", wcs.celsys === "pixel" ? wcs.note || "no coordinates: pixels are shown" : `${wcs.celsys}, ${wcs.projection}`],
  ];
  return rows.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]);
}

/** A card with the words that were searched marked. */
function cardRow({ keyword, value, comment, text }, words) {
  const plain = value === undefined;
  return make("div", { class: plain ? "iip-card iip-card-plain" : "iip-card" },
    make("code", { class: "iip-card-key" }, ...marked(keyword || " ", words)),
    make("span", { class: "iip-card-value" }, ...marked(plain ? text.slice(8).trim() : String(value), words)),
    !plain && comment && make("span", { class: "iip-card-comment" }, ...marked(comment, words)));
}

function marked(text, words) {
  const pieces = words.trim().split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!pieces.length) {
    return [text];
  }
  return text.split(new RegExp(`(${pieces.join("|")})`, "i")).map((part, index) => (
    index % 2 ? make("mark", { text: part }) : part
  ));
}
