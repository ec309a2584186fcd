"""Metadata is in setup.cfg; this puts the built client into the package."""

from pathlib import Path
from shutil import copytree, rmtree

from setuptools import setup
from setuptools.command.build_py import build_py

DIST = Path(__file__).parent / "client_static" / "dist"


class BuildWithClient(build_py):
    """The modules, and beside them what `make client` has made."""

    def run(self):
        """Build.  Without the client, the package is whole but for its pages; that is said."""
        super().run()
        if self.editable_mode:
            return  # a checkout has the client in its own place
        folder = Path(self.build_lib) / "iipastro" / "client_files"
        rmtree(folder, ignore_errors=True)
        if DIST.is_dir():
            copytree(DIST, folder)
        else:
            self.warn("client_static/dist is not there: the package has no pages (make client)")


setup(cmdclass={"build_py": BuildWithClient})
