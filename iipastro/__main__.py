"""`python -m iipastro` is `iipastro`."""

from .cli import main

raise SystemExit(main())
