// The least page that shows an image.

import L from "leaflet";

import { imageUrl } from "../src/core/iip.js";
import { queryToState } from "../src/core/state.js";
import { IIPLayer } from "../src/leaflet/tilelayer.js";

const state = queryToState(location.search);
const config = await (await fetch("config.json")).json();
const map = L.map("map");
const layer = new IIPLayer(imageUrl(config.endpoint, state.image ?? config.images[0].name));
const message = document.getElementById("message");
layer.on("trouble", (event) => { message.textContent = event.message; message.hidden = false; });
layer.on("recovered", () => { message.hidden = true; });
layer.on("metaerror tileerror", (event) => { message.textContent = event.error.message; message.hidden = false; });
layer.addTo(map);
