// The Leaflet of a page that was written for VisiOmatic 2: its own global L.
//
// An L of today is taken as it is.  An older one (1.0 to 1.8) is brought up to ours in place, so
// that what the page has put into it stays.  A page without L gets ours, and its style sheet.

"use strict";

const CURRENT = /^1\.9\./;

function pageLeaflet() {
  const page = globalThis.L;
  if (page?.version && CURRENT.test(page.version)) {
    return page;
  }
  const { currentScript } = document;
  const own = require("leaflet/dist/leaflet-src.js"); // runs here and now: it sets window.L
  if (!page) {
    addStyle(currentScript);
    return own;
  }
  for (const [name, value] of Object.entries(own)) {
    page[name] = renewed(page[name], value);
  }
  globalThis.L = page;
  return page;
}

/** Our class or table, with what plug-ins have added to the page's older one. */
function renewed(older, ours) {
  for (const [from, to] of [[older, ours], [older?.prototype, ours?.prototype]]) {
    if (from && to && typeof from === typeof to && typeof to !== "string") {
      for (const name of Object.keys(from).filter((each) => !(each in to))) {
        to[name] = from[name];
      }
    }
  }
  return ours;
}

function addStyle(script) {
  if (script?.src && !document.querySelector("link[href*='leaflet']")) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("leaflet/leaflet.css", script.src).href;
    document.head.prepend(link);
  }
}

module.exports = pageLeaflet();
