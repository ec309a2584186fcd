// L.Control.Sidebar: tabs and panes, with the classes and ids that pages of VisiOmatic 2 style.

import L from "leaflet";

import { barButton } from "../leaflet/buttons.js";
import { button, icon, make } from "../ui/dom.js";
import { viewerOf } from "./context.js";

const MENU = "M4 6h16M4 12h16M4 18h16";
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export const Sidebar = L.Control.extend({
  includes: L.Evented.prototype,

  options: {
    // @option position: String = "left"; or "right"
    position: "left",
    // @option title: String
    title: "Show or hide the panels",
    // @option collapsed: Boolean = true; only the button is seen at first
    collapsed: true,
    // @option forceSeparateButton: Boolean = false; not in the bar of the zoom buttons
    forceSeparateButton: false,
  },

  initialize(options) {
    L.setOptions(this, options);
    this._tabs = make("div", { class: "sidebar-tabs" });
    this._content = make("div", { class: "sidebar-content" });
    const state = this.options.collapsed ? "collapsed" : "closed";
    this._sidebar = make("div", { class: `sidebar sidebar-${this.options.position} ${state}` },
      this._tabs, this._content);
    this._entries = []; // {id, sideClass, item, tab, pane}
    this._sidebar.addEventListener("keydown", (event) => this._onKey(event));
  },

  addTo(map) {
    this._map = map;
    const parent = map._controlContainer; // Leaflet's corners are its children
    parent.prepend(this._sidebar);
    map.getContainer().classList.add("sidebar-map");
    L.DomEvent.disableClickPropagation(this._sidebar);
    L.DomEvent.disableScrollPropagation(this._sidebar);
    this._toggle = barButton(this.options.title, MENU, "leaflet-control-zoom-sidebar",
      () => this.toggle());
    this._toggle.classList.toggle("collapsed", this.options.collapsed);
    this._showToggle();
    const zoom = this.options.forceSeparateButton ? null : map.zoomControl?.getContainer();
    if (zoom) {
      zoom.append(this._toggle);
    } else {
      const bar = make("div", { class: "leaflet-bar leaflet-control" }, this._toggle);
      parent.querySelector(".leaflet-top.leaflet-left").append(bar);
    }
    viewerOf(map);
    return this;
  },

  removeFrom() {
    this._sidebar.remove();
    this._toggle.remove();
    this._map = null;
    return this;
  },

  remove() {
    return this.removeFrom(this._map);
  },

  /** Begin another list of tabs; the last one lies at the bottom. */
  addTabList() {
    this._list = make("ul", { role: "tablist", "aria-orientation": "vertical",
      "aria-label": `Panels ${this._tabs.children.length + 1}` });
    this._tabs.append(this._list);
    return this._list;
  },

  /**
   * Add a tab and its pane.
   *
   * @param {string} id of the pane; the tab's is `id`-toggle
   * @param {string} tabClass
   * @param {string} title
   * @param {HTMLElement} content
   * @param {string} sideClass the side bar has it while the pane is open
   * @param {string} [picture] name of an icon of ui/dom.js
   * @returns {HTMLElement} the pane
   */
  addTab(id, tabClass, title, content, sideClass, picture) {
    const list = this._list ?? this.addTabList();
    const own = this._entries.some((entry) => entry.id === id) ? `${id}-${L.stamp(content)}` : id;
    const tab = make("a", { class: tabClass, id: `${own}-toggle`, href: `#${own}`,
      role: "tab", title, "aria-label": title,
      "aria-selected": "false", "aria-controls": own, onclick: (event) => {
        event.preventDefault();
        this._press(own);
      } }, picture && icon(picture));
    tab.tabIndex = this._entries.length ? -1 : 0;
    const item = make("li", { role: "presentation" }, tab);
    const pane = make("div", { class: "sidebar-pane", id: own, role: "tabpanel",
      "aria-labelledby": `${own}-toggle` },
      make("h1", { class: "sidebar-header" }, title,
        button("Close the panel", () => this.close(), { icon: "close", bare: true,
          class: "sidebar-close" })),
      content);
    list.append(item);
    this._content.append(pane);
    this._entries.push({ id: own, sideClass, item, tab, pane });
    return pane;
  },

  /** Show a pane by its id. */
  open(id) {
    for (const entry of this._entries) {
      this._mark(entry, entry.id === id);
    }
    this.fire("content", { id });
    if (this._sidebar.classList.contains("closed")) {
      this.fire("opening");
      this._sidebar.classList.remove("closed");
    }
    return this;
  },

  close() {
    const open = this._entries.find(({ pane }) => pane.classList.contains("active"));
    this._entries.forEach((entry) => this._mark(entry, false));
    if (!this._sidebar.classList.contains("closed")) {
      this.fire("closing");
      this._sidebar.classList.add("closed");
    }
    if (open?.pane.contains(document.activeElement)) {
      open.tab.focus();
    }
    return this;
  },

  /** Show or hide all of it but the button. */
  toggle() {
    this.close();
    const collapse = !this._sidebar.classList.contains("collapsed");
    this.fire(collapse ? "collapsing" : "expanding");
    this._sidebar.classList.toggle("closed", !collapse);
    for (const element of [this._sidebar, this._toggle]) {
      element.classList.toggle("collapsed", collapse);
    }
    this._showToggle();
    return this;
  },

  _showToggle() {
    const collapsed = this._sidebar.classList.contains("collapsed");
    this._toggle.setAttribute("aria-expanded", String(!collapsed));
    this._sidebar.inert = collapsed;
  },

  _press(id) {
    const { item } = this._entries.find((entry) => entry.id === id);
    if (item.classList.contains("active")) {
      this.close();
    } else if (!item.classList.contains("disabled")) {
      this.open(id);
    }
  },

  _mark({ item, tab, pane, sideClass }, open) {
    item.classList.toggle("active", open);
    pane.classList.toggle("active", open);
    tab.setAttribute("aria-selected", String(open));
    if (sideClass) {
      this._sidebar.classList.toggle(sideClass, open);
    }
    if (open) {
      this._focusable(tab);
    }
  },

  _focusable(tab) {
    this._entries.forEach((entry) => { entry.tab.tabIndex = entry.tab === tab ? 0 : -1; });
  },

  /** Arrows go from tab to tab, Escape closes the pane. */
  _onKey(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
      return;
    }
    const tabs = this._entries.map(({ tab }) => tab);
    const at = tabs.indexOf(event.target);
    if (at >= 0 && event.key in STEPS) {
      event.preventDefault();
      event.stopPropagation();
      const next = tabs[(at + STEPS[event.key] + tabs.length) % tabs.length];
      this._focusable(next);
      next.focus();
    } else if (at >= 0 && event.key === " ") {
      event.preventDefault();
      event.target.click();
    }
  },
});

export const sidebar = (options) => new Sidebar(options);
