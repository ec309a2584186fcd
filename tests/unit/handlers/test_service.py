import pytest

from iipastro.config import load_config
from iipastro.handlers.service import build_service, prepare
from iipastro.protocol import UriMap


@pytest.mark.parametrize(
    ("setting", "mapped"),
    [
        ("", None),
        ("iip=>IIP", UriMap("iip", "FIF")),
        ("=>deepzoom", UriMap("", "DeepZoom")),
        ("z/=>ZOOMIFY", UriMap("z/", "Zoomify")),
    ],
)
def test_a_path_may_name_a_protocol(setting, mapped):
    config = load_config([], {}, {"http.uri_map": setting}).config
    assert build_service(config).uri_map == mapped


def test_preparing_leaves_no_thread_before_the_fork():
    import threading

    prepare()
    assert threading.active_count() == 1
