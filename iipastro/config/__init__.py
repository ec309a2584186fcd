"""The configuration: typed, strict, and told from one declaration per setting."""

from .load import Loaded, load_config, system_files
from .sections import Config
from .setting import ConfigError

__all__ = ["Config", "ConfigError", "Loaded", "load_config", "system_files"]
