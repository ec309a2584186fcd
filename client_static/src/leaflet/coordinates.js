// The coordinate box: where the centre is, a place to type where it should be, and a link to it.

import L from "leaflet";
import { parseResolved, resolverUrl, SESAME } from "../core/resolver.js";
import { positionOf, positionText, SYSTEMS, systemsOf } from "../core/systems.js";
import { convert, formatSky } from "../core/units.js";
import { barButton } from "./buttons.js";
import { fieldOf, inPixels, lngLatOf, wcsOfMap } from "./crsview.js";
import { askService } from "./service.js";

const LINK = "M10 14l4-4M11.5 7.5l2-2a4 4 0 0 1 5.5 5.5l-2 2M12.5 16.5l-2 2A4 4 0 0 1 5 13l2-2";
const GO = "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13M16 16l4.5 4.5";
const PATIENCE = 10_000; // ms that the resolver has

export const CoordinateBox = L.Control.extend({
  options: {
    // @option position: String = "topright"
    position: "topright",
    // @option systems: System[]; as in core/systems.js
    systems: SYSTEMS,
    // @option resolver: String = Sesame of the CDS; "" asks nobody for names
    resolver: SESAME,
    // @option centerQueryKey: String = "center"; in the link
    centerQueryKey: "center",
    // @option fovQueryKey: String = "fov"
    fovQueryKey: "fov",
    // @option link: Function = null; returns the link instead, or a promise of it
    link: null,
    // @option placeholder: String
    placeholder: "Position or name of an object",
    // @option className: String = "iip-coordinates"
    className: "iip-coordinates",
  },

  onAdd(map) {
    const form = L.DomUtil.create("form", this.options.className);
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", "Coordinates of the centre");
    this._menu = control("select", `${this.options.className}-system`, "System of coordinates", form);
    this._input = control("input", `${this.options.className}-input`, this.options.placeholder, form);
    Object.assign(this._input, {
      type: "text", placeholder: this.options.placeholder, spellcheck: false, autocomplete: "off",
      autocapitalize: "off", enterKeyHint: "go",
    });
    const go = barButton("Go there", GO, `${this.options.className}-go`, null);
    go.type = "submit";
    const copy = barButton("Copy a link to this view", LINK, `${this.options.className}-copy`, () => this.copyLink());
    form.append(go, copy);
    L.DomEvent.disableClickPropagation(form);
    L.DomEvent.disableScrollPropagation(form);
    form.addEventListener("keydown", (event) => event.stopPropagation()); // the map has keys too
    form.addEventListener("submit", (event) => this._submit(event));
    this._input.addEventListener("focus", () => this._input.select());
    this._input.addEventListener("blur", () => { this._typing = false; this._update(); });
    this._input.addEventListener("input", () => { this._typing = true; });
    this._menu.addEventListener("change", () => this._choose());
    map.on("move zoomend", this._update, this);
    map.on("layeradd crschange", this._fill, this);
    map.whenReady(this._fill, this);
    return form;
  },

  onRemove(map) {
    map.off("move zoomend", this._update, this);
    map.off("layeradd crschange", this._fill, this);
  },

  /** The system that is chosen. */
  system() {
    return this._systems?.[this._menu.selectedIndex] ?? this._systems?.[0];
  },

  /** Choose a system by its label; one that is not there changes nothing. */
  choose(label) {
    const index = (this._systems ?? []).findIndex((system) => system.label === label);
    if (index >= 0) {
      this._menu.selectedIndex = index;
      this._choose();
    }
  },

  focus() {
    this._input.focus();
  },

  _choose() {
    this._typing = false;
    this._update();
    this._map.fire("systemchange", { system: this.system() });
  },

  _fill() {
    const wcs = wcsOfMap(this._map);
    if (!wcs || wcs === this._wcs) {
      return;
    }
    this._wcs = wcs;
    const chosen = this.system()?.label;
    this._systems = systemsOf(wcs, this.options.systems);
    this._menu.replaceChildren(...this._systems.map(({ label }) => new Option(label, label, false, label === chosen)));
    this._menu.hidden = this._systems.length < 2;
    this._update();
  },

  _update() {
    if (this._wcs && !this._typing) {
      const centre = lngLatOf(this._map, this._map.getCenter());
      this._input.value = centre ? positionText(centre, this._wcs, this.system()) : "";
      if (document.activeElement === this._input) {
        this._input.select(); // what is typed next takes its place
      }
    }
  },

  async _submit(event) {
    event.preventDefault();
    const text = this._input.value.trim();
    if (!text || !this._wcs) {
      return;
    }
    const place = positionOf(text, this._wcs, this.system()) ?? await this._resolve(text);
    if (place && this._map) {
      this._typing = false;
      this._map.setView([place[1], place[0]], this._map.getZoom(), { reset: true }); // a movement would round
      this._update();
      this._map.fire("located", { text, lngLat: place });
    }
  },

  /** Ask the resolver.  Troubles are told by the event `trouble`. */
  async _resolve(name) {
    if (inPixels(this._map) || !this.options.resolver || !/\p{L}/u.test(name)) {
      return this._trouble(`“${name}” is no position. Examples: ${examples(this._map)}`);
    }
    this._input.setAttribute("aria-busy", "true");
    try {
      const found = parseResolved(await fetchText(resolverUrl(this.options.resolver, name)));
      return found ? convert(found, "equatorial", this._wcs.celsys)
        : this._trouble(`“${name}” is neither a position nor a name that Sesame knows.`);
    } catch (error) {
      return this._trouble(`The name resolver cannot be reached (${error.message}): type a position instead.`);
    } finally {
      this._input.removeAttribute("aria-busy");
    }
  },

  _trouble(message) {
    this._map.fire("trouble", { message, key: "coordinates" });
    return null;
  },

  /** Put a link to the view into the address of the page and onto the clipboard. */
  async copyLink() {
    const link = await (this.options.link ? this.options.link() : this._link());
    this._map.fire("link", { link });
  },

  _link() {
    const { lat, lng } = this._map.getCenter();
    const url = new URL(document.location.href);
    const text = formatSky([lng, lat], { units: "HMS", celsys: this._wcs.celsys });
    url.searchParams.set(this.options.centerQueryKey, text);
    url.searchParams.set(this.options.fovQueryKey, String(Number(fieldOf(this._map).toPrecision(4))));
    return url.href;
  },
});

function control(tag, name, label, form) {
  const element = L.DomUtil.create(tag, name, form);
  element.setAttribute("aria-label", label);
  return element;
}

const examples = (map) => (inPixels(map) ? "1024, 768" : "10:00:27.9 +02:12:35, or 150.116 2.2097");

async function fetchText(url) {
  const response = await askService(url, { signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) {
    throw new Error(`it answers ${response.status}`);
  }
  return response.text();
}

export const coordinateBox = (options) => new CoordinateBox(options);
