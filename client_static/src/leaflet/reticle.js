// The cross at the centre, to which profiles, spectra and the coordinates refer.

import L from "leaflet";

export const Reticle = L.Control.extend({
  options: {
    // @option position: String = "topleft"; it lies at the centre all the same
    position: "topleft",
    // @option className: String = "iip-reticle"
    className: "iip-reticle",
  },

  onAdd(map) {
    this._cross = L.DomUtil.create("div", this.options.className, map.getContainer());
    this._cross.setAttribute("aria-hidden", "true");
    return L.DomUtil.create("div", `${this.options.className}-place`);
  },

  onRemove() {
    this._cross.remove();
  },
});

export const reticle = (options) => new Reticle(options);
