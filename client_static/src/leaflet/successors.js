// Tiles that are shown in another way: each stays until its successor has come.

import L from "leaflet";

/** Methods of IIPLayer. */
export const successors = {
  /** Replace what the view shows; what has left it, and is on its level, is not shown again. */
  _replaceTiles() {
    for (const [key, tile] of Object.entries(this._tiles)) {
      if (tile.coords.z !== this._tileZoom || this._isNew(tile.successor ?? tile.el, tile.coords)) {
        continue;
      }
      if (this._visible.contains(tile.coords)) {
        this._replaceTile(tile);
      } else {
        this._removeTile(key);
      }
    }
    this._finish();
  },

  _replaceTile(tile) {
    this._dropSuccessor(tile);
    if (!tile.loaded) {
      this._cancel(tile.el);
      this._load(tile.el, tile.coords, (error) => this._tileReady(tile.coords, error, tile.el));
    } else if (!this._isNew(tile.el, tile.coords)) {
      this._begin();
      tile.successor = this._picture(tile.coords);
      this._load(tile.successor, tile.coords, (error) => this._succeed(tile, error));
    }
  },

  _succeed(tile, error) {
    const { successor: next, el: old, coords } = tile;
    tile.successor = null;
    if (error) {
      this._urls.set(old, this._urls.get(next)); // not asked for again and again
      this.fire("tileerror", { error, tile: old, coords });
    } else {
      next.className = old.className;
      next.classList.add("leaflet-tile-loaded");
      next.style.cssText = old.style.cssText;
      L.DomUtil.setPosition(next, L.DomUtil.getPosition(old));
      old.replaceWith(next);
      tile.el = next;
      this.fire("tileload", { tile: next, coords });
    }
    this._finish();
  },

  _dropSuccessor(tile) {
    if (tile.successor) {
      this._cancel(tile.successor);
      tile.successor = null;
    }
  },

  _begin() {
    if (!this._loading) {
      this._loading = true;
      this.fire("loading");
    }
  },

  _finish() {
    if (this._loading && this._noTilesToLoad()) {
      this._loading = false;
      this.fire("load");
    }
  },

  _noTilesToLoad() {
    return Object.values(this._tiles).every((tile) => tile.loaded && !tile.successor);
  },

  _isNew(element, coords) {
    return this._urls.get(element) === this.getTileUrl(coords);
  },
};
