// The overview: a small map of its own layer, with a box of what the large one shows.

import L from "leaflet";
import { barButton, picture, setLabel } from "./buttons.js";

const SHRINK = "M8 8l8 8M16 9.5V16H9.5";
const GROW = "M4 5h16v14H4zM12.5 12H20v7h-7.5z";
const EDGE = 2; // CSS pixels of the smallest box

export const OverviewMap = L.Control.extend({
  options: {
    // @option position: String = "bottomright"
    position: "bottomright",
    // @option width, height: Number = 160; CSS pixels
    width: 160,
    height: 160,
    // @option zoomLevelOffset: Number = null; levels below the large map; null shows all of the image
    zoomLevelOffset: null,
    // @option zoomLevelFixed: Number = null; a level that stays
    zoomLevelFixed: null,
    // @option autoToggleDisplay: Boolean = false; hidden while it would show no more than the map
    autoToggleDisplay: false,
    // @option minimized: Boolean = false
    minimized: false,
    // @option toggleDisplay: Boolean = true; a button hides and shows it
    toggleDisplay: true,
    // @option aimingRectOptions: Path options of the box
    aimingRectOptions: { className: "iip-overview-box" },
    // @option strings: {hideText, showText}
    strings: { hideText: "Hide the overview", showText: "Show the overview" },
    // @option className: String = "iip-overview"
    className: "iip-overview",
  },

  initialize(layer, options) {
    L.setOptions(this, options);
    this._layer = layer;
  },

  onAdd(map) {
    const element = L.DomUtil.create("div", this.options.className);
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", "Overview map");
    L.DomEvent.disableClickPropagation(element);
    L.DomEvent.disableScrollPropagation(element);
    this._frame = L.DomUtil.create("div", `${this.options.className}-map`, element);
    this._frame.style.width = `${this.options.width}px`;
    this._frame.style.height = `${this.options.height}px`;
    if (this.options.toggleDisplay) {
      this._button = barButton("", SHRINK, `${this.options.className}-button`, () => this._show(this._minimized));
      element.append(this._button);
    }
    this._element = element;
    map.whenReady(() => setTimeout(() => this._map && this._open()));
    map.on("move zoomend resize", this._follow, this);
    map.on("crschange", this._reopen, this);
    this._show(!this.options.minimized);
    return element;
  },

  onRemove(map) {
    map.off("move zoomend resize", this._follow, this);
    map.off("crschange", this._reopen, this);
    this._close();
  },

  /** Show another layer: an object of its own, not one that is on a map already. */
  changeLayer(layer) {
    this._close();
    this._layer = layer;
    this._open();
  },

  _open() {
    const place = L.DomUtil.create("div", `${this.options.className}-place`, this._frame);
    const small = L.map(place, {
      attributionControl: false, zoomControl: false, crs: this._map.options.crs, keyboard: false,
      scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, touchZoom: false, dragging: false,
      zoomSnap: 0, minZoom: -20, fadeAnimation: false, zoomAnimation: false, trackResize: false,
    });
    place.tabIndex = -1;
    this._small = small;
    small.setView(this._map.getCenter(), 0, { animate: false });
    small.addLayer(this._layer);
    this._box = L.polygon([], { weight: 1.5, fill: false, ...this.options.aimingRectOptions, interactive: false });
    this._box.addTo(small);
    this._layer.on("metaload", this._follow, this);
    steer(this._frame, small, (latLng) => moveTo(this._map, latLng));
    this._follow();
  },

  _close() {
    this._layer.off("metaload", this._follow, this);
    this._small?.remove();
    [this._small, this._box] = [null, null];
    this._frame.replaceChildren(); // the element of a map keeps hold of it
  },

  _reopen() {
    if (this._small && this._small.options.crs !== this._map.options.crs) {
      this._close();
      this._open();
    }
  },

  _show(shown) {
    this._minimized = !shown;
    this._element.classList.toggle(`${this.options.className}-minimized`, !shown);
    if (this._button) {
      const { hideText, showText } = this.options.strings;
      setLabel(this._button, shown ? hideText : showText);
      this._button.setAttribute("aria-expanded", String(shown));
      this._button.replaceChildren(picture(shown ? SHRINK : GROW));
    }
    this._follow();
  },

  _follow() {
    const [map, small] = [this._map, this._small];
    if (!small || this._minimized) {
      return;
    }
    small.invalidateSize({ animate: false, pan: false });
    const { center, zoom } = viewOf(map, this.options);
    small.setView(center, zoom, { animate: false });
    const size = map.getSize();
    const corners = [[0, 0], [size.x, 0], [size.x, size.y], [0, size.y]].map(([x, y]) => (
      widened(map.project(map.containerPointToLatLng([x, y])), x > 0, y > 0, map, small)
    ));
    this._box.setLatLngs(corners);
    if (this.options.autoToggleDisplay) {
      const box = small.getContainer().getBoundingClientRect();
      const field = this._box.getElement()?.getBoundingClientRect();
      this._element.hidden = Boolean(field && field.width > box.width && field.height > box.height);
    }
  },
});

/** Return what the small map shows: all of the image, or the surroundings of the view. */
function viewOf(map, { zoomLevelOffset, zoomLevelFixed, width, height }) {
  const { crs } = map.options;
  if (zoomLevelFixed !== null || zoomLevelOffset !== null || !crs.size) {
    return { center: map.getCenter(), zoom: zoomLevelFixed ?? map.getZoom() + (zoomLevelOffset ?? -5) };
  }
  const [across, down] = crs.size;
  const zoom = crs.zoom(Math.min(width / across, height / down));
  return { center: crs.pointToLatLng(L.point((across / 2) * crs.scale(zoom), (down / 2) * crs.scale(zoom)), zoom), zoom };
}

/** Keep the box from vanishing when the view is a thousandth of the image. */
function widened(point, right, below, map, small) {
  const least = (EDGE * map.options.crs.scale(map.getZoom())) / map.options.crs.scale(small.getZoom());
  const size = map.getSize();
  const more = (side) => Math.max(0, least - side) / 2;
  return map.unproject(point.add([
    (right ? 1 : -1) * more(size.x), (below ? 1 : -1) * more(size.y),
  ]));
}

/** Move at once; a zoom that is still moving would take the map back at its end. */
function moveTo(map, latLng) {
  if (map._animatingZoom) {
    map._onZoomTransitionEnd();
  }
  map.panTo(latLng, { animate: false });
}

/** Move the large map to where the small one is pressed, and along while it is dragged. */
function steer(frame, small, move) {
  const to = (event) => {
    const { left, top } = frame.getBoundingClientRect();
    move(small.containerPointToLatLng([event.clientX - left, event.clientY - top]));
  };
  frame.onpointerdown = (event) => {
    frame.setPointerCapture(event.pointerId);
    frame.onpointermove = to;
    to(event);
  };
  frame.onpointerup = frame.onpointercancel = () => { frame.onpointermove = null; };
}

export const overviewMap = (layer, options) => new OverviewMap(layer, options);
