"""iipastro serves huge astronomical images to web pages over the Internet Imaging Protocol."""

__version__ = "0.1.0"
