// As the guide has it: a viewer of the built client in a page of one's own.

import { createViewer, queryToState } from "/viewer/iipviewer.js";

const config = { endpoint: "/fcgi-bin/iipsrv.fcgi", images: [{ name: "multi5_1k.ptif", title: "Bands" }], panels: ["channels"] };
const element = document.getElementById("sky");
element.style.height = "500px";
window.sky = createViewer(element, config, queryToState(location.search));
