"""The one reader of environment and configuration: environment (`BACKCOURT_...`) > `backcourt.toml` > default."""

from backcourt.settings.read import FILE_NAME, find_home, read
from backcourt.settings.values import Settings

__all__ = ["FILE_NAME", "Settings", "find_home", "read"]
