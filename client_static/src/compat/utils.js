// L.IIPUtils: what pages of VisiOmatic 2 call.

import { numberOf, parseHeader } from "../core/fits.js";
import { distance, formatSky, parsePosition } from "../core/units.js";
import { copyText } from "../ui/dom.js";

const FLASH = 400; // ms

/** Take the lines before the header out of a server's answer. */
export function headerText(text) {
  const subject = /subject\/\d*:?/.exec(text);
  return subject ? text.slice(subject.index + subject[0].length) : text;
}

/** Words and values of a query string; a word without "=" has no value. */
function parseURL(query) {
  const words = {};
  for (const [, name, , value] of query.matchAll(/([^?=&]+)(=([^&]*))?/g)) {
    words[name] = value;
  }
  return words;
}

/** The address with a word of its query set. */
function updateURL(url, word, value) {
  const [, before, hash] = url.match(/^([^#]*)(.*)$/s);
  const [path, query = ""] = before.split(/\?(.*)/s);
  const kept = query.split("&").filter(Boolean);
  const at = kept.findIndex((part) => part.split("=")[0].toLowerCase() === word.toLowerCase());
  kept.splice(at < 0 ? kept.length : at, 1, `${word}=${value}`);
  return `${path}?${kept.join("&")}${hash}`;
}

function checkDomain(url) {
  const full = url.startsWith("//") ? window.location.protocol + url : url;
  return full.toLowerCase().replace(/([a-z])?:\/\//, "$1").split("/")[0];
}

/**
 * Ask for an address; `action(context, request)` sees each state of the XMLHttpRequest.
 *
 * @param {string} url
 * @param {string} purpose for messages: "getting…"
 * @param {?Function} action
 * @param {?{options: object}} context its options may ask for `credentials` or, with
 *     `authenticate`, for a cookie to be sent back as X-CSRFToken
 * @param {number} [timeout] seconds
 */
function requestURL(url, purpose, action, context, timeout) {
  const request = new XMLHttpRequest();
  const options = context?.options ?? {};
  request.open("GET", url);
  request.timeout = (timeout ?? 0) * 1000;
  request.ontimeout = () => console.warn(`Time out while ${purpose}.`);
  request.withCredentials = Boolean(options.credentials);
  if (options.authenticate) {
    request.setRequestHeader("X-CSRFToken", getCookie("csrftoken"));
  }
  if (action) {
    request.onreadystatechange = () => action(context, request);
  }
  request.send();
}

function getCookie(name) {
  const start = `${name}=`;
  const found = document.cookie.split("; ").find((part) => part.startsWith(start));
  return found ? found.slice(start.length) : "";
}

/** The value of a card, as text; null where there is none. */
function readFITSKey(keyword, text) {
  const header = parseHeader(headerText(text));
  const value = header.get(keyword.trim().slice(0, 8));
  return value === undefined ? null : String(numberOf(header, keyword.trim(), value));
}

/** The position as [lat, lng]-like object that a text gives: degrees, or hours and degrees. */
function hmsDMSToLatLng(text) {
  const position = parsePosition(text);
  return position ? { lat: position[1], lng: position[0] } : undefined;
}

/** Make the table; `latLng` makes Leaflet's positions. */
export const makeUtils = (latLng) => ({
  REG_PDEC: "(\\d+\\.\\d*)",
  REG_FLOAT: "([-+]?[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?)",
  requestURL,
  parseURL,
  updateURL,
  checkDomain,
  isExternal: (url) => /:|\/\//.test(url) && checkDomain(window.location.href) !== checkDomain(url),
  copyToClipboard: (text) => copyText(text),
  flashElement(element) {
    element.classList.add("leaflet-control-flash");
    setTimeout(() => element.classList.remove("leaflet-control-flash"), FLASH);
  },
  readFITSKey,
  distance: (a, b) => distance([a.lng, a.lat], [b.lng, b.lat]),
  latLngToHMSDMS: ({ lat, lng }) => formatSky([lng, lat], { units: "HMS" }),
  hmsDMSToLatLng: (text) => latLng(hmsDMSToLatLng(text)),
  getCookie,
});
