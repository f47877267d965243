"""Is a body what its schema says? Schemas are the package's own files; without jsonschema nothing can be published."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from backcourt.engine.errors import BackcourtError

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

SUFFIX = ".schema.json"


@cache
def schema_text(schema: str) -> dict[str, Any]:
    """The JSON Schema in the file of this name, e.g. `picks.schema.json`."""
    text = (resources.files("backcourt.publishing") / "schemas" / schema).read_text(encoding="utf-8")
    return dict(json.loads(text))


def schema_names() -> list[str]:
    """The file names of all schemas."""
    folder = resources.files("backcourt.publishing") / "schemas"
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(SUFFIX))


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


@cache
def _validator(schema: str) -> Validator:
    try:
        from jsonschema import Draft202012Validator
    except ImportError as error:
        raise BackcourtError("Publishing validates every file with jsonschema; install `backcourt[publish]`.") from error
    return Draft202012Validator(_inlined(schema_text(schema)))


def _inlined(part: Any) -> Any:
    """A schema with its references replaced by what they name: looking them up for every number of a file took as long as the rest."""
    if isinstance(part, dict):
        if "$ref" in part:
            file, _, place = part["$ref"].partition("#/$defs/")
            return {**_inlined(schema_text(file)["$defs"][place]), **{key: value for key, value in part.items() if key != "$ref"}}
        return {key: _inlined(value) for key, value in part.items()}
    return [_inlined(value) for value in part] if isinstance(part, list) else part
