// The ready-made page: settings from config.json beside it, the rest from the address.

import { parsePosition } from "../src/core/units.js";
import { queryToState } from "../src/core/state.js";
import { make } from "../src/ui/dom.js";
import { createViewer } from "./create.js";

/** Read config.json: without it, the server is at its usual address, and no image is listed. */
async function readConfig() {
  const response = await fetch("config.json", { cache: "no-cache" });
  if (!response.ok) {
    throw new Error(`config.json: the server answers ${response.status}`);
  }
  return response.json();
}

/** The state of the address; positions may also be sexagesimal, as VisiOmatic writes them. */
function stateOfAddress() {
  const state = queryToState(location.search);
  const center = new URLSearchParams(location.search).get("center");
  return { ...state, center: state.center ?? (center && parsePosition(center)) ?? undefined };
}

const element = document.getElementById("viewer");
try {
  createViewer(element, { logo: "icon.svg", ...await readConfig() }, stateOfAddress());
} catch (error) {
  element.append(make("p", { class: "iip-fatal", role: "alert",
    text: `The viewer cannot start. ${error.message}. Check config.json beside this page.` }));
  throw error;
}
