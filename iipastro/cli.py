"""The command line (to come)."""


def main() -> int:
    """Run a command."""
    return 2
