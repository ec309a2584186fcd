// L.Control.IIP and its kinds: our panels as tabs of the side bar or as controls of their own.

import L from "leaflet";

import { CATALOGS, DEFAULT_KEYS } from "../core/catalogs.js";
import { catalogPanel } from "../ui/catalogs.js";
import { channelPanel } from "../ui/channels.js";
import { docsPanel } from "../ui/docs.js";
import { icon, make } from "../ui/dom.js";
import { imagePanel } from "../ui/image.js";
import { profilePanel } from "../ui/profile.js";
import { regionPanel } from "../ui/regions.js";
import { snapshotPanel } from "../ui/snapshot.js";
import { viewerOf, withConfig } from "./context.js";

const NAME = "leaflet-control-iip";

/**
 * The base.  A page's own panel gives `_id`, `_sideClass` and `_initDialog`, which fills
 * `this._dialog` for `this._layer`; `_addDialogBox`, `_addDialogLine` and `_addDialogElement` help.
 */
export const ControlIIP = L.Control.extend({
  options: {
    // @option title: String
    title: "About the image",
    // @option collapsed: Boolean = true; a control of its own opens when it is pointed at
    collapsed: true,
    // @option position: String = "topleft"
    position: "topleft",
  },

  _className: NAME,
  _id: "leaflet-iipimage",
  _sideClass: "",
  _icon: "image",

  initialize(layers, options) {
    L.setOptions(this, options);
    this._layers = layers;
  },

  /** @param {L.Map|L.Control.Sidebar} place */
  addTo(place) {
    if (!place._sidebar) {
      return L.Control.prototype.addTo.call(this, place);
    }
    this._map = place._map;
    this._dialog = make("div", { class: `${this._className}-dialog` });
    const pane = place.addTab(this._id, this._className, this.options.title, this._dialog,
      this._sideClass, this._icon);
    place.on("content", ({ id }) => id === pane.id && this._panel?.shown?.());
    this._fill();
    return place;
  },

  onAdd(map) {
    const container = make("div", { class: `${this._className} leaflet-bar` });
    L.DomEvent.disableClickPropagation(container);
    L.DomEvent.disableScrollPropagation(container);
    this._dialog = make("div", { class: `${this._className}-dialog` });
    const expand = (on) => {
      container.classList.toggle(`${this._className}-expanded`, on);
      if (on) {
        this._panel?.shown?.();
      }
    };
    if (this.options.collapsed) {
      const toggle = make("button", { type: "button", class: `${this._className}-toggle`,
        id: `${this._id}-toggle`, title: this.options.title, "aria-label": this.options.title,
        "aria-haspopup": "true", onclick: () => expand(true) }, icon(this._icon));
      container.append(toggle);
      this._listen(container, map, expand);
    } else {
      expand(true);
    }
    container.append(this._dialog);
    this._container = container;
    this._map = map;
    this._fill();
    return container;
  },

  onRemove(map) {
    map.off("click", this._leave);
    this._panel?.destroy();
  },

  /** It opens under the mouse, and closes when all has left it: mouse and keyboard focus. */
  _listen(container, map, expand) {
    const inside = () => container.contains(document.activeElement);
    this._leave = () => expand(false);
    container.addEventListener("mouseenter", () => expand(true));
    container.addEventListener("mouseleave", () => !inside() && expand(false));
    container.addEventListener("keydown", ({ key }) => key === "Escape" && expand(false));
    container.addEventListener("focusout", ({ relatedTarget }) => (
      relatedTarget && !container.contains(relatedTarget) && expand(false)
    ));
    map.on("click", this._leave);
  },

  _fill() {
    const viewer = viewerOf(this._map);
    if (this._makePanel) {
      this._panel = this._makePanel(viewer);
      this._dialog.append(this._panel.element);
      nameParts(this._panel.element);
      return;
    }
    const show = () => {
      this._layer = viewer.layer;
      this._resetDialog();
    };
    viewer.on("layer", show);
    if (viewer.layer) {
      show();
    }
  },

  _initDialog() {},

  _resetDialog() {
    this._dialog.replaceChildren();
    this._initDialog();
  },

  _addDialogBox(id) {
    const box = make("div", { class: `${this._className}-box`, id: id || null });
    this._dialog.append(box);
    return box;
  },

  _addDialogLine(label, box) {
    const text = make("div", { class: `${this._className}-label`, text: label });
    const line = make("div", { class: `${this._className}-line` }, text);
    box.append(line);
    return line;
  },

  _addDialogElement(line) {
    const element = make("div", { class: `${this._className}-element` });
    line.append(element);
    return element;
  },
});

/** Parts of our panels have the old classes besides their own. */
function nameParts(element) {
  for (const [selector, name] of [
    ["button.iip-button", `${NAME}-button`], ["select", `${NAME}-select`],
    ["input[type=radio]", `${NAME}-radio`], ["ul.iip-list", `${NAME}-layerlist`],
    [".iip-field", `${NAME}-line`], [".iip-label", `${NAME}-label`],
    ["iframe", `${NAME}-doc`],
  ]) {
    element.querySelectorAll(selector).forEach((part) => part.classList.add(name));
  }
}

/** A panel that takes nothing but options. */
const plain = (title, id, sideClass, picture, makePanel) => ControlIIP.extend({
  options: { title },
  _id: `leaflet-iip${id}`,
  _sideClass: sideClass,
  _icon: picture,
  initialize(options) {
    L.setOptions(this, options);
  },
  _makePanel: makePanel,
});

export const Channel = plain("Channel mixing", "channel", "channel", "channels", channelPanel);
export const Image = plain("Image preferences", "image", "image", "image", imagePanel);
export const Profile = plain("Profile overlays", "profile", "profile", "profile", profilePanel);
export const Snapshot = plain("Snapshot", "snapshot", "snapshot", "snapshot", snapshotPanel);

/** L.control.iip.catalog(catalogs, options): ours, or what a page makes of L.Catalog. */
export const Catalog = ControlIIP.extend({
  options: { title: "Catalog overlays" },
  _id: "leaflet-iipcatalog",
  _sideClass: "catalog",
  _icon: "catalog",
  initialize(catalogs, options) {
    L.setOptions(this, options);
    this._catalogs = catalogs;
  },
  _makePanel(viewer) {
    const catalogs = this._catalogs ?? DEFAULT_KEYS.map((key) => CATALOGS[key]);
    const { authenticate } = this.options;
    const entries = catalogs.filter(Boolean).map((entry) =>
      ({ key: entry.name, ...(authenticate && { authenticate }), ...entry }));
    return catalogPanel(withConfig(viewer, { ...viewer.config, catalogs: entries }));
  },
});

/** L.control.iip.region(regions, options): files of GeoJSON (and what else we read). */
export const Region = ControlIIP.extend({
  options: {
    title: "Region overlays",
    // @option nativeCelsys: Boolean = false; the files are in the system of the map
    nativeCelsys: false,
  },
  _id: "leaflet-iipregion",
  _sideClass: "region",
  _icon: "region",
  initialize(regions, options) {
    L.setOptions(this, options);
    this._regions = regions ?? [];
  },
  _makePanel(viewer) {
    const celsys = this.options.nativeCelsys ? "native" : "equatorial";
    const regions = this._regions.map((entry) => ({ celsys, ...entry }));
    return regionPanel(withConfig(viewer, { ...viewer.config, regions }));
  },
});

/** L.control.iip.doc(url, {pdflink}). */
export const Doc = ControlIIP.extend({
  options: { title: "Documentation", pdflink: "" },
  _id: "leaflet-iipdoc",
  _sideClass: "doc",
  _icon: "docs",
  initialize(url, options) {
    L.setOptions(this, options);
    this._url = url;
  },
  _makePanel(viewer) {
    const documentation = { url: this._url, pdf: this.options.pdflink };
    return docsPanel(withConfig(viewer, { ...viewer.config, documentation }));
  },
});
