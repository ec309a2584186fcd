// The link to what is shown: the address of the page, with the state in words of its query.

import { differences, stateInQuery } from "../src/core/state.js";
import { SYSTEMS } from "../src/core/systems.js";
import { fieldOf, lngLatOf } from "../src/leaflet/crsview.js";
import { copyText } from "../src/ui/dom.js";

/** Return the address of this page with all that is shown; other words of the page stay in it. */
export function linkOf(app) {
  const url = new URL(location.href);
  url.hash = "";
  if (app.viewer.layer) {
    url.search = stateInQuery(location.search, stateOf(app));
  }
  return url.href;
}

function stateOf({ viewer, current }) {
  const { map } = viewer;
  const field = fieldOf(map);
  return {
    image: current.name,
    center: lngLatOf(map, map.getCenter()) ?? undefined,
    fov: Number.isFinite(field) ? field : undefined,
    settings: differences(viewer.settings(), viewer.defaults()),
    catalogs: viewer.overlays.all("catalog").filter(viewer.overlays.shown).map(({ key }) => key),
    regions: viewer.overlays.all("region").filter(viewer.overlays.shown).filter(({ entry }) => entry.url).map(({ key }) => key),
    grid: map.hasLayer(viewer.grid) || undefined,
    celsys: viewer.system?.().label === SYSTEMS[0].label ? undefined : viewer.system?.().label,
  };
}

/** Put a link on the clipboard and, unless the page keeps its address, into that. */
export async function giveLink({ viewer, config }, link) {
  const own = config.link !== false;
  if (own) {
    history.replaceState(null, "", link);
  }
  const places = [await copyText(link) && "on the clipboard", own && "in the address of the page"].filter(Boolean);
  viewer.tell(places.length ? `The link to this view is ${places.join(" and ")}.`
    : `The browser does not let the page copy the link: ${link}`, { key: "link" });
}
