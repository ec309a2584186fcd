import numpy as np
import pytest

from iipastro.errors import BadArgument, NotFound
from iipastro.handlers.spectra import serve_spectra
from iipastro.jobs import Job, Spectra
from iipastro.view import View


@pytest.fixture
def spectra(ramp, shelve):
    def body(*numbers, **facts):
        service = shelve(a={0: ramp(**facts), 30: ramp(**facts)})
        job = Job("a", View(), Spectra(*numbers))
        return serve_spectra(job, job.output, service.catalog.open("a"), service).body.decode()

    return body


def test_a_pixel_of_every_view_is_a_point(spectra):  # spec 2.9
    assert spectra(1, 1, 2, 1) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<spectra>\n'
        "\t<point>\n\t\t<wavelength>0</wavelength>\n\t\t<reflectance>106.000000</reflectance>\n"
        "\t</point>\n"
        "\t<point>\n\t\t<wavelength>30</wavelength>\n\t\t<reflectance>106.000000</reflectance>\n"
        "\t</point>\n</spectra>"
    )


def test_bytes_are_fractions_of_their_range(spectra):
    assert "<reflectance>0.400000</reflectance>" in spectra(1, 0, 2, 1, dtype=np.uint8)


def test_a_pixel_of_several_channels_is_that_of_the_first(spectra):
    assert "<reflectance>106.000000</reflectance>" in spectra(1, 1, 2, 1, channels=3)


def test_a_place_outside_a_border_tile_is_refused(spectra):
    with pytest.raises(BadArgument):
        spectra(1, 2, 2, 0)  # the third tile of ten columns is two wide
    with pytest.raises(NotFound):
        spectra(2, 0, 0, 0)
    with pytest.raises(NotFound):
        spectra(1, 6, 0, 0)


def test_every_view_is_checked(ramp, shelve):
    from iipastro.geometry import Size
    from iipastro.images.source import Level

    small = ramp(levels=(Level(Size(2, 2), Size(4, 4)),))
    service = shelve(a={0: ramp(), 30: small})
    job = Job("a", View(), Spectra(0, 0, 3, 2))
    with pytest.raises(BadArgument):
        serve_spectra(job, job.output, service.catalog.open("a"), service)
