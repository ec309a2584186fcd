"""Under which URL a client finds an image, and in which version of IIIF it is answered.

Of the request's headers only those that are looked at here change a IIIF
answer, and what they say becomes a part of the job.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from ..config import Config
from ..errors import BadArgument
from ..jobs import IiifImage, IiifInfo, IiifRedirect, Job
from ..protocol.iiif import base_of
from ..protocol.iip import split

IIIF = (IiifImage, IiifInfo, IiifRedirect)

PAGE = "page"  # is said, beside fields of the view, where an identifier ends with one
LONGEST = 2000  # characters of a URL in a header

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_URL = re.compile(rf"https?://[!#-;=?-\[\]_a-z~]{{1,{LONGEST}}}")
_CONTEXT = re.compile(r"http://iiif\.io/api/image/([23])/context\.json")
_UNQUOTED = "%!$&'()*+,;=:@/?[]-._~"  # of what a URL may hold (RFC 3986); brackets are FITS's
_COMMAND = "IIIF"


def addressed(job: Job, environ: Mapping[str, str], config: Config) -> Job:
    """Return a IIIF job with all that it takes from the request besides its text.

    Raises
    ------
    BadArgument
        What no request of its version may say, or a host that is none.
    """
    output, settings = job.output, config.iiif
    assert isinstance(output, IIIF)
    accept = environ.get("HTTP_ACCEPT", "")
    version = output.version or settings.version
    if isinstance(output, IiifInfo) and not output.version:
        version = _negotiated(accept, version)
    if isinstance(output, IiifImage) and version not in output.versions:
        if output.version:
            raise BadArgument(f"version {version} of the Image API has no such size or quality")
        (version,) = output.versions  # the client has the document of that one
    base = _base(job, environ, config)
    if len(base) > LONGEST and not isinstance(output, IiifInfo):
        base = ""  # it would go into a header
    of_both = not output.version
    output = replace(output, version=version, base=base)
    if isinstance(output, IiifInfo):
        output = replace(output, linked=_is_linked(accept, version), of_both=of_both)
    if not (base or isinstance(output, IiifImage)):
        raise BadArgument("the request names no host, or is too long for a redirect")
    return replace(_paged(job, settings.delimiter), output=output)


def _negotiated(accept: str, version: int) -> int:
    """Return the first version that a client names by its context."""
    named = _CONTEXT.search(accept)
    return int(named[1]) if named else version


def _is_linked(accept: str, version: int) -> bool:
    """Return whether to call JSON JSON-LD.

    In version 3 unless plain JSON is asked for, in version 2 if JSON-LD is
    (Image API 3.0, 5.1; 2.1, 5).
    """
    types = [item.partition(";")[0].strip().lower() for item in accept.split(",")]
    if "application/ld+json" in types:
        return True
    return version == 3 and "application/json" not in types


def _paged(job: Job, delimiter: str) -> Job:
    """Return the job with the page at the end of its identifier as the angle of a sequence."""
    name, found, page = (job.image or "").rpartition(delimiter) if delimiter else ("", "", "")
    if not (found and re.fullmatch("[0-9]{1,9}", page)):
        return job
    said = None if job.said is None else job.said | {"angles", PAGE}
    view = replace(job.view, angles=(int(page), job.view.angles[1]))
    return replace(job, image=name, view=view, said=said)


def _base(job: Job, environ: Mapping[str, str], config: Config) -> str:
    """Return the URL of the image, which nothing a client sends can make other than a URL."""
    settings = config.iiif
    if settings.id_header and not settings.base_url:
        told = environ.get(f"HTTP_{settings.id_header.upper().replace('-', '_')}", "")
        if _URL.fullmatch(told):
            return told
    place, identifier = _place(job, environ)
    origin = urlsplit(settings.base_url)
    own = "&" in place.partition("?")[2]
    if (origin.path.strip("/") or origin.query) and not own:
        end = "" if settings.base_url.endswith(("/", "=")) else "/"
        return settings.base_url + end + identifier
    # settings in the query stand in no other URL than the client's own
    start = f"{origin.scheme}://{origin.netloc}" if settings.base_url else _origin(environ)
    return start + place if start else ""


def _place(job: Job, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the image's part of the request's URI, and the identifier.

    The words of a form are those of a query too.  A query that the URI does not
    have was made of the path by the web server (rewrite): it will be again.
    """
    output = job.output
    assert isinstance(output, IIIF)
    path, _, query = environ.get("REQUEST_URI", "").partition("?")
    if path.endswith(job.text):  # a path of uri_map
        identifier = base_of(job.text, output)
        return _safe(path[: len(path) - len(job.text)] + identifier), _safe(identifier)
    posted = environ.get("REQUEST_METHOD") == "POST" and not environ.get("QUERY_STRING")
    commands = list(split(job.text if posted or not path else query))
    names = [name.upper() for name, _ in commands]
    if _COMMAND not in names:
        return _safe(base_of(path, output)), quote(job.image or "", errors="surrogateescape")
    at = names.index(_COMMAND)
    settings = "".join(f"{name}={argument}&" for name, argument in commands[:at])
    identifier = base_of(commands[at][1], output)
    return _safe(f"{path or '/'}?{settings}{commands[at][0]}={identifier}"), _safe(identifier)


def _safe(text: str) -> str:
    return quote(text.encode("latin-1", "replace"), safe=_UNQUOTED)


def _origin(environ: Mapping[str, str]) -> str:
    """Return scheme and host as the client asked; "" for a host that is none."""
    host = environ.get("HTTP_HOST", "")
    scheme = "http" if environ.get("HTTPS", "").lower() in ("", "off") else "https"
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else ""
