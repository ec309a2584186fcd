// Any number of viewers: the part after # is a list of their configurations, in JSON.

import "../../css/viewer.css";

import { createViewer, queryToState } from "../../viewer/create.js";

const configs = JSON.parse(decodeURIComponent(location.hash.slice(1)));
window.viewers = configs.map((config) => {
  const element = document.createElement("section");
  element.setAttribute("aria-label", config.label ?? "Viewer");
  element.style.height = `${100 / configs.length}vh`;
  document.body.append(element);
  return createViewer(element, { endpoint: "/fcgi-bin/iipsrv.fcgi", ...config }, queryToState(location.search));
});
