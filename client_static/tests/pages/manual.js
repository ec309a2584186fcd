// What the manual of VisiOmatic 2 tells its readers to call, in its order, for an image of ours.
// Everything here is the page's: nothing of it knows what stands behind L.

/* global L */

L.Catalog.Own = L.extend({}, L.Catalog, {
  name: "Own stars",
  attribution: "made for this page",
  color: "lime",
  maglim: 20,
  service: "this server",
  regionType: "cone",
  url: "data/stars.csv?lng={lng}&lat={lat}&dr={dr}&drm={drm}&n={nmax}",
  properties: ["r", "size"],
  units: ["mag", "&#8243;"],
  objurl: "https://example.org/{ra},{dec}",
  filter: function (feature) {
    return feature.properties.items[0] < 20;
  },
  draw: function (feature, latlng) {
    return L.ellipse(latlng, {
      majAxis: feature.properties.items[1] / 3600,
      minAxis: feature.properties.items[1] / 7200,
      posAngle: 30,
    });
  },
});

L.Catalog.Local = L.extend({}, L.Catalog["2MASS"], {
  name: "2MASS here",
  url: "data/2mass.csv?c={lng},{lat}&bd={dlng},{dlat}&max={nmax}&eq={sys}",
});

var args = L.IIPUtils.parseURL(window.location.search.substring(1));
var map = L.map("map", { fullscreenControl: true, zoom: 1 });
var iip = "/fcgi-bin/iipsrv.fcgi?FIF=multi5_1k.ptif";
var layer = L.tileLayer.iip(iip, {
  center: args.center ? args.center : false,
  fov: args.fov ? parseFloat(args.fov) : false,
  mixingMode: args.mode ? args.mode : "color",
  defaultChannel: args.channel ? parseInt(args.channel, 10) : 2,
  contrast: 0.7,
  gamma: 2.8,
  colorSat: 2.0,
  channelColors: [[0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 1, 0], [1, 0, 0]],
  channelLabels: ["u band", "g band", "r band", "i band", "z band"],
}).addTo(map);

L.control.scale.wcs({ pixels: false }).addTo(map);
L.control.reticle().addTo(map);

var wcsControl = L.control.wcs({
  coordinates: [
    { label: "RA,Dec", units: "HMS" },
    { label: "RA,Dec (deg)", units: "deg" },
  ],
  position: "topright",
}).addTo(map);

// eslint-disable-next-line no-sparse-arrays
var navlayer = L.tileLayer.iip(iip, { channelColors: [, [0, 0, 1], [0, 1, 0], [1, 0, 0],] });
var navmap = L.control.extraMap(navlayer, {
  position: "topright",
  width: 128,
  height: 128,
  zoomLevelOffset: -2,
  nativeCelsys: true,
}).addTo(map);

var sidebar = L.control.sidebar().addTo(map);
L.control.iip.channel().addTo(sidebar);
L.control.iip.image().addTo(sidebar);
L.control.iip.catalog([L.Catalog.Local, L.Catalog.SDSS, L.Catalog.Own]).addTo(sidebar);
L.control.iip.region(
  [
    {
      url: "data/footprint.json",
      name: "footprint",
      description: "Footprint of the field",
      color: "blue",
      load: true,
    },
    {
      url: "data/poi.json",
      name: "points of interest",
      description: "Points that somebody finds interesting",
      color: "orange",
      load: false,
    },
  ],
  { nativeCelsys: true },
).addTo(sidebar);
L.control.iip.profile().addTo(sidebar);
L.control.iip.snapshot().addTo(sidebar);
sidebar.addTabList();
L.control.iip.doc("documentation.html", { pdflink: "documentation.pdf" }).addTo(sidebar);
