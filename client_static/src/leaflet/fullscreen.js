// Full screen; where the browser has none (telephones of one maker), the whole window.

import L from "leaflet";
import { barButton, picture, setLabel } from "./buttons.js";
import { resized } from "./resized.js";

const ENTER = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
const WINDOW = "iip-whole-window"; // class of an element that fills the window
const LEAVE = "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5";

export const FullScreen = L.Control.extend({
  options: {
    // @option position: String = "topleft"
    position: "topleft",
    // @option element: HTMLElement = the map's; what fills the screen
    element: null,
    // @option title: String
    title: "Full screen",
    // @option titleCancel: String
    titleCancel: "Leave the full screen",
    // @option className: String = "iip-fullscreen"
    className: "iip-fullscreen",
  },

  onAdd(map) {
    this._element = this.options.element ?? map.getContainer();
    this._button = barButton(this.options.title, ENTER, this.options.className, () => this.toggle());
    this._button.setAttribute("aria-pressed", "false");
    const bar = L.DomUtil.create("div", "leaflet-bar iip-bar-buttons");
    bar.append(this._button);
    this._heard = () => this._changed();
    document.addEventListener("fullscreenchange", this._heard);
    return bar;
  },

  onRemove() {
    document.removeEventListener("fullscreenchange", this._heard);
  },

  isFull() {
    return document.fullscreenElement === this._element || this._element.classList.contains(WINDOW);
  },

  /** Enter or leave. */
  async toggle() {
    const enter = !this.isFull();
    if (document.fullscreenEnabled) {
      await (enter ? this._element.requestFullscreen() : document.exitFullscreen());
    } else {
      this._element.classList.toggle(WINDOW, enter);
      this._changed();
    }
  },

  _changed() {
    const full = this.isFull();
    if (String(full) === this._button.getAttribute("aria-pressed")) {
      return; // another element of the page
    }
    this._button.setAttribute("aria-pressed", String(full));
    this._button.replaceChildren(picture(full ? LEAVE : ENTER));
    setLabel(this._button, full ? this.options.titleCancel : this.options.title);
    resized(this._map);
    this._map.fire(full ? "enterFullscreen" : "exitFullscreen");
  },
});

export const fullScreen = (options) => new FullScreen(options);
