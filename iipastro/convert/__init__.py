"""FITS to pyramidal TIFF.  Never imported by the server."""
