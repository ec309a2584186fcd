// A page that was written for VisiOmatic 2 finds here all the names that it calls, in its own L.

import L from "leaflet";

import { Ellipse, EllipseMarker } from "../leaflet/ellipse.js";
import { makeCatalogs } from "./catalogs.js";
import {
  ControlFullScreen, ControlReticle, ControlWCS, ExtraMap, LayersIIP, ScaleWCS,
} from "./controls.js";
import { CRSWCS, crsWcs, makeProjections } from "./crs.js";
import { TileLayerIIP, tileLayerIip } from "./layer.js";
import {
  Catalog, Channel, ControlIIP, Doc, Image, Profile, Region, Snapshot,
} from "./panels.js";
import { rgb, RGB } from "./rgb.js";
import { Sidebar, sidebar } from "./sidebar.js";
import { makeUtils } from "./utils.js";
import { FlipSwitch, flipswitch, SpinBox, spinbox } from "./widgets.js";

const made = (Control) => (...options) => new Control(...options);

function fillLayers() {
  L.TileLayer.IIP = TileLayerIIP;
  L.tileLayer.iip = tileLayerIip;
  L.CRS.WCS = CRSWCS;
  L.CRS.wcs = crsWcs;
  L.Projection.WCS = makeProjections();
  L.Ellipse = Ellipse;
  L.ellipse = made(Ellipse);
  L.EllipseMarker = EllipseMarker;
  L.ellipseMarker = made(EllipseMarker);
}

function fillControls() {
  const { Control, control } = L;
  Object.assign(Control, {
    IIP: ControlIIP, Sidebar, WCS: ControlWCS, ExtraMap, Reticle: ControlReticle,
    FullScreen: ControlFullScreen,
  });
  Object.assign(Control.IIP, { Channel, Image, Catalog, Region, Profile, Snapshot, Doc });
  Control.Scale.WCS = ScaleWCS;
  Control.Layers.IIP = LayersIIP;
  Object.assign(control, {
    iip: made(ControlIIP), sidebar, wcs: made(ControlWCS), extraMap: made(ExtraMap),
    reticle: made(ControlReticle), fullscreen: made(ControlFullScreen),
  });
  Object.assign(control.iip, {
    channel: made(Channel), image: made(Image), catalog: made(Catalog), region: made(Region),
    profile: made(Profile), snapshot: made(Snapshot), doc: made(Doc),
  });
  control.scale.wcs = made(ScaleWCS);
  control.layers.iip = made(LayersIIP);
}

function fillRest() {
  L.RGB = RGB;
  L.rgb = rgb;
  L.SpinBox = SpinBox;
  L.spinbox = spinbox;
  L.FlipSwitch = FlipSwitch;
  L.flipswitch = flipswitch;
  L.Catalog = makeCatalogs();
  L.IIPUtils = makeUtils((latLng) => latLng && L.latLng(latLng.lat, latLng.lng));
}

/** Options of maps: the button for the full screen, and whose work this is. */
function fillMap() {
  L.Map.mergeOptions({ fullscreenControl: false });
  L.Map.addInitHook(function addVisiomatic() {
    const { fullscreenControl, fullscreenControlOptions, visiomaticLogo } = this.options;
    if (fullscreenControl) {
      this.fullscreenControl = new ControlFullScreen(fullscreenControlOptions);
      this.addControl(this.fullscreenControl);
    }
    if (visiomaticLogo === false) {
      this.attributionControl?.setPrefix(false);
    }
  });
}

fillLayers();
fillControls();
fillRest();
fillMap();
