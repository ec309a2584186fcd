"""Catalogues and regions → GeoJSON, as the overlays of web pages read it (RFC 7946).

A reader (`tables`, `ds9`) makes drafts: outlines in the frame of the input.  `wcs` brings
their points into the frame of the output, `geojson` writes them, `command` does it all.
"""
