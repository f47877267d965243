"""The one reader of configuration: environment (`BACKCOURT_...`) > `backcourt.toml` > default."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge.policy import Policy, Unavailable
from backcourt.field.seasons import SEASON_TYPES

FILE_NAME = "backcourt.toml"

TEMPLATE = """# backcourt project home. Every key but [[unavailable]] can also be set as BACKCOURT_<KEY>; unknown keys are errors.
# memory_limit = "2GB"
# workers = 2
# How long a command waits for another one that writes.
# wait_seconds = 30

# [policy]
# chunk_deadline_seconds = 600

# What a source is known not to have. Nothing in the package excuses a hole; this file may, with a reason.
# [[unavailable]]
# source = "player_box"
# season_types = ["play_in", "cup_final"]
# from = "2021-10-19"
# to = "2025-06-30"
# reason = "the archive has no player boxes of these games"
"""


@dataclass(frozen=True)
class Settings:
    """`threads` None: as many as there are cores. `policy` holds the thresholds and declarations that verdicts cite."""

    threads: int | None = None
    memory_limit: str = "2GB"
    workers: int = 2
    wait_seconds: float = 30.0
    """How long a command waits for another one that writes."""
    policy: Policy = field(default_factory=Policy)


def read(home: Path) -> Settings:
    """The settings of a home, whose file may be missing. Raises BackcourtError for an unknown key or a bad value."""
    file = home / FILE_NAME
    found = _checked(f"{file}: ", _parsed(file), _SETTINGS, "BACKCOURT_")
    policy = _checked(f"{file}: [policy]: ", found.pop("policy", {}), _POLICY, "BACKCOURT_POLICY__")
    entries = enumerate(found.pop("unavailable", []), 1)
    unavailable = tuple(_unavailable(f"{file}: [[unavailable]] {number}: ", entry) for number, entry in entries)
    return Settings(**found, policy=Policy(**policy, unavailable=unavailable))


@dataclass(frozen=True)
class _Rule:
    """`words` tell what a key takes; `accept` gives the value of what was written, or None."""

    words: str
    accept: Callable[[Any], Any]
    is_number: bool = False


def _whole(least: int, most: int) -> _Rule:
    words = f"a whole number from {least} to {most}"
    return _Rule(words, lambda value: value if type(value) is int and least <= value <= most else None, is_number=True)


def _number(words: str, fits: Callable[[float], bool]) -> _Rule:
    return _Rule(words, lambda value: float(value) if type(value) in (int, float) and fits(value) else None, is_number=True)


def _text(least: int) -> _Rule:
    words = f"text of at least {least} character{'s' if least > 1 else ''}"
    return _Rule(words, lambda value: value if isinstance(value, str) and len(value.strip()) >= least else None)


def _memory(value: Any) -> str | None:
    """What DuckDB takes and can start with: from 1MB to 999999TB, or a percentage."""
    size = r"(?:[1-9][0-9]{0,5}(?:\.[0-9]{1,3})? ?[MGT]|0\.[1-9][0-9]{0,2} ?[GT])(?:i?B)?|(?:100|[1-9][0-9]?(?:\.[0-9]{1,3})?) ?%"
    return value if isinstance(value, str) and re.fullmatch(size, value, re.IGNORECASE) else None


def _date(value: Any) -> date | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if type(value) is date else None


def _season_types(value: Any) -> tuple[str, ...] | None:
    known = list(SEASON_TYPES.values())
    return tuple(value) if isinstance(value, list) and all(kind in known for kind in value) else None


_MOST = 1_000_000_000
_DATE = _Rule('a date such as "2021-10-19"', _date)
_SETTINGS = {
    "threads": _whole(1, 1024),
    "memory_limit": _Rule("""text such as "2GB", "512MB" or "80%\"""", _memory),
    "workers": _whole(1, 64),
    "wait_seconds": _number(f"a number from 0 to {_MOST}", lambda value: 0 <= value <= _MOST),
    "policy": _Rule("a table, [policy]", lambda value: value if isinstance(value, dict) else None),
    "unavailable": _Rule("a list of tables, [[unavailable]]", lambda value: value if isinstance(value, list) else None),
}
_POLICY = {
    "legacy_coverage_percent": _number("a number from 0 to 100", lambda value: 0 <= value <= 100),
    "chunk_deadline_seconds": _number(f"a number above 0 and at most {_MOST}", lambda value: 0 < value <= _MOST),
    "attempts": _whole(1, _MOST),
    "chunk_rows": _whole(1, _MOST),
}
_UNAVAILABLE = {
    "source": _text(1),
    "reason": _text(3),
    "from": _DATE,
    "to": _DATE,
    "from_game": _text(1),
    "to_game": _text(1),
    "season_types": _Rule(f"a list of season types out of {', '.join(SEASON_TYPES.values())}", _season_types),
}


def _parsed(file: Path) -> dict[str, Any]:
    try:
        if file.exists() and not file.is_file():
            raise BackcourtError(f"{file} is no file, and the configuration is a text file; move it away, or choose another home.")
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BackcourtError(f"{file} can't be read ({error.strerror}); make it readable, or choose another home.") from error
    except UnicodeDecodeError as error:
        raise BackcourtError(f"{file} is not UTF-8 at byte {error.start}; save it as UTF-8.") from error
    except RecursionError as error:
        raise BackcourtError(f"{file} is nested too deep to be read; no key takes more than a list in a table, so correct it.") from error
    except ValueError as error:
        raise BackcourtError(f"{file} is not valid TOML ({error}); correct it.") from error


def _checked(place: str, table: dict[str, Any], rules: Mapping[str, _Rule], prefix: str | None = None) -> dict[str, Any]:
    """The keys that are set in the table, or in the environment under the prefix, with their values."""
    found = {}
    for key, value in table.items():
        rule = _known(f"{place}{_shown(key)}", key, rules)
        found[key] = _accepted(f"{place}{key} = {_shown(value)}", value, rule, "correct it or remove the key")
    for name, key, text in _environment(prefix) if prefix else ():
        # Names that start with BACKCOURT_ are not all settings: BACKCOURT_HOME is one of the others.
        if key in rules or rules is _POLICY:
            rule = _known(name, key, rules)
            value = _as_number(text) if rule.is_number else text
            found[key] = _accepted(f"{name}={_shown(text)}", value, rule, "correct or unset it")
    return found


def _known(place: str, key: str, rules: Mapping[str, _Rule]) -> _Rule:
    if key not in rules:
        near = get_close_matches(key, rules, 1)
        advice = f"write {near[0]!r} or remove it" if near else "remove it"
        raise BackcourtError(f"{place} is no known key; {advice} (known are {', '.join(rules)}).")
    return rules[key]


def _accepted(place: str, value: Any, rule: _Rule, advice: str) -> Any:
    accepted = rule.accept(value)
    if accepted is None:
        raise BackcourtError(f"{place} must be {rule.words}; {advice}.")
    return accepted


def _unavailable(place: str, entry: Any) -> Unavailable:
    if not isinstance(entry, dict):
        raise BackcourtError(f"{place}{_shown(entry)} must be a table of keys; write [[unavailable]] and its keys below it.")
    found = _checked(place, entry, _UNAVAILABLE)
    for key in ("source", "reason"):
        if key not in found:
            raise BackcourtError(f"{place}{key} is missing, and must be {_UNAVAILABLE[key].words}; add it.")
    first, last = found.get("from"), found.get("to")
    if first and last and first > last:
        raise BackcourtError(f"{place}from = {first} must not be after to = {last}; correct one of them.")
    kinds = found.get("season_types", ())
    return Unavailable(found["source"], found["reason"], first, last, found.get("from_game"), found.get("to_game"), kinds)


def _environment(prefix: str) -> Iterator[tuple[str, str, str]]:
    """Name, key and text of each variable under the prefix; capitals or not."""
    for name, text in os.environ.items():
        if name.upper().startswith(prefix):
            yield name, name[len(prefix) :].lower(), text


def _as_number(text: str) -> int | float | str:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def _shown(value: Any) -> str:
    """A value for a message: on one line, and not too long."""
    try:
        text = str(value) if isinstance(value, date | time) else repr(value)
    except (RecursionError, ValueError):
        return "something too large to show"
    return text if len(text) <= 100 else f"{text[:100]}..."
