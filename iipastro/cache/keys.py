"""The name of a value in every tier."""

from __future__ import annotations

from hashlib import blake2b

PREFIX = "iipastro1:"  # 1 is the version of the format: another one finds nothing of the old
_BYTES = 20


def key_of(*parts: object) -> str:
    """Return the key of what frozen values describe: 50 characters, none of them a blank.

    It is made of their `repr`, which forgets no field.  Memcached takes 250
    characters, a request of many channels has more.
    """
    text = repr(parts).encode("utf-8", "backslashreplace")
    return PREFIX + blake2b(text, digest_size=_BYTES).hexdigest()
