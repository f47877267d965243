"""The one reader of environment and configuration: environment (`BACKCOURT_...`) > `backcourt.toml` > default."""

from backcourt.settings.read import FILE_NAME, TEMPLATE, find_home, read
from backcourt.settings.values import Settings

__all__ = ["FILE_NAME", "TEMPLATE", "Settings", "find_home", "read"]
