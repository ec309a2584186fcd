// A plug-in of the page, loaded before visiomatic.js.

/* global L */

L.Control.Plain = L.Control.extend({
  onAdd: function () {
    return L.DomUtil.create("div", "plain-plugin");
  },
});
L.control.plain = function () {
  return new L.Control.Plain();
};
L.Map.include({
  plainMethod: function () {
    return "plain " + L.version;
  },
});
