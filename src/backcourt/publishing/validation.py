"""Is a body what its schema says? Schemas are the package's own files; without jsonschema nothing can be published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backcourt.engine.errors import BackcourtError

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

SUFFIX = ".schema.json"
_OWN = Path(__file__).parent / "schemas"


_beside: ContextVar[tuple[Path, ...]] = ContextVar("schemas_beside", default=())


@contextmanager
def schemas_beside(folders: Iterable[Path]) -> Iterator[None]:
    """Inside the block a schema that isn't the package's own is looked for in these folders."""
    token = _beside.set(tuple(folders))
    try:
        yield
    finally:
        _beside.reset(token)


def schema_text(schema: str) -> dict[str, Any]:
    """The JSON Schema in the file of this name, e.g. `picks.schema.json`. Raises BackcourtError when there is none, or it is no JSON."""
    return _text(*_version(schema))


def _version(schema: str) -> tuple[Path, int]:
    """The schema's file, and when it was written."""
    for folder in (_OWN, *_beside.get()):
        file = folder / schema
        if file.is_file():
            return file, file.stat().st_mtime_ns
    raise BackcourtError(f"There is no schema {schema!r}; put it beside the endpoint that names it.")


@cache
def _text(file: Path, written_at: int) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise BackcourtError(f"{file} is no JSON Schema ({error}); correct it.") from error


def schema_names() -> list[str]:
    """The file names of the package's own schemas."""
    return sorted(file.name for file in _OWN.iterdir() if file.name.endswith(SUFFIX))


def require_jsonschema() -> None:
    """Raise BackcourtError where jsonschema isn't installed, before any work is done."""
    _validator("common.schema.json")


def validate(name: str, schema: str, body: Any) -> None:
    """Raise BackcourtError with the first place at which `body`, to be published as `name`, breaks the schema."""
    errors = sorted(_validator(schema).iter_errors(body), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        place = ".".join(str(part) for part in errors[0].absolute_path) or "the top level"
        reason = errors[0].message if len(errors[0].message) < 300 else f"{errors[0].message[:300]}..."
        raise BackcourtError(f"{name} breaks {schema} at {place}: {reason}; nothing of this publication is written.")


def _validator(schema: str) -> Validator:
    return _validator_of(*_version(schema))


@cache
def _validator_of(file: Path, written_at: int) -> Validator:
    try:
        from jsonschema import Draft202012Validator
    except ImportError as error:
        raise BackcourtError("Publishing validates every file with jsonschema; install `backcourt[publish]`.") from error
    return Draft202012Validator(_inlined(_text(file, written_at)))


def _inlined(part: Any) -> Any:
    """A schema with its references replaced by what they name: looking them up for every number of a file took as long as the rest."""
    if isinstance(part, dict):
        if "$ref" in part:
            file, _, place = part["$ref"].partition("#/$defs/")
            return {**_inlined(schema_text(file)["$defs"][place]), **{key: value for key, value in part.items() if key != "$ref"}}
        return {key: _inlined(value) for key, value in part.items()}
    return [_inlined(value) for value in part] if isinstance(part, list) else part
