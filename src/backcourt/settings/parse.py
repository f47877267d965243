"""Validation of a home's configuration. Slow to import, so only what isn't in the cache comes here."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from backcourt.domain import SEASON_TYPES
from backcourt.engine.errors import BackcourtError
from backcourt.engine.policy import Policy, Unavailable
from backcourt.settings.values import Settings


class UnavailableEntry(BaseModel):
    """One `[[unavailable]]` entry: a source that has no data over a range, and why."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: str
    reason: str = Field(min_length=3)
    from_date: date | None = Field(None, alias="from")
    to_date: date | None = Field(None, alias="to")
    from_game: str | None = None
    to_game: str | None = None
    season_types: list[str] = []


class PolicyTable(BaseModel):
    """The `[policy]` table; see engine.policy.Policy for the meaning of each threshold."""

    model_config = ConfigDict(extra="forbid")

    legacy_coverage_percent: float = 95.0
    chunk_deadline_seconds: float = Field(600.0, gt=0)
    attempts: int = Field(3, ge=1)
    chunk_rows: int = Field(500_000, ge=1)


class _Configuration(BaseSettings):
    """A project home's configuration; unknown keys are errors."""

    model_config = SettingsConfigDict(env_prefix="BACKCOURT_", env_nested_delimiter="__", extra="forbid")

    threads: int | None = Field(None, ge=1)
    memory_limit: str = "2GB"
    workers: int = Field(2, ge=1, le=64)
    policy: PolicyTable = PolicyTable()
    unavailable: list[UnavailableEntry] = []

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def parse(file: Path) -> Settings:
    """The settings of a file, which may be missing, and of the environment. Raises BackcourtError for an unknown key or a bad value."""

    class HomeConfiguration(_Configuration):
        model_config = SettingsConfigDict(env_prefix="BACKCOURT_", env_nested_delimiter="__", extra="forbid", toml_file=file)

    try:
        found = HomeConfiguration()
    except ValidationError as error:
        first: Any = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BackcourtError(f"{file}: {place}: {first['msg']}; correct the key or remove it.") from error
    except ValueError as error:
        raise BackcourtError(f"{file} is not valid TOML ({error}); correct it.") from error
    for entry in found.unavailable:
        unknown = set(entry.season_types) - set(SEASON_TYPES.values())
        if unknown:
            known = ", ".join(SEASON_TYPES.values())
            raise BackcourtError(f"{file}: unavailable.season_types: {sorted(unknown)[0]!r} is no season type; known are {known}.")
    unavailable = tuple(
        Unavailable(e.source, e.reason, e.from_date, e.to_date, e.from_game, e.to_game, tuple(e.season_types)) for e in found.unavailable
    )
    policy = Policy(**found.policy.model_dump(), unavailable=unavailable)
    return Settings(found.threads, found.memory_limit, found.workers, policy)
