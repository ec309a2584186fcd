// A map whose element has another size: its centre stays the same, to the last digit.

/**
 * Take the size of the map's element.  Leaflet itself moves by whole pixels, from the middle that
 * it has rounded: a few changes of size, and a link or a spectrum is of a place next to it.
 *
 * @param {L.Map} map
 */
export function resized(map) {
  const { clientWidth, clientHeight } = map.getContainer();
  const { x, y } = map.getSize();
  if (x === clientWidth && y === clientHeight) {
    return;
  }
  if (!map._loaded) { // Leaflet has no other way to ask
    map.invalidateSize({ pan: false });
    return;
  }
  map._stop();
  const [centre, zoom] = [map.getCenter(), map.getZoom()];
  map.invalidateSize({ pan: false });
  map._rawPanBy(map._getMapPanePos());
  // As a movement of two fingers ends: setView with `reset` would take the tiles away first.
  map._moveStart(true)._move(centre, zoom, { pinch: true })._moveEnd(true);
}
