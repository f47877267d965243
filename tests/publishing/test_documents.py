"""What may become a file: valid bodies only, and what is wrong is said in one sentence with its place."""

from __future__ import annotations

import builtins
import json
from typing import Any

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import MARKETS
from backcourt.publishing import validation
from backcourt.publishing.documents import document

POINTER = {
    "schema_version": 1, "generated_at": "2024-04-05T18:00:00Z", "as_of": "2024-04-05T17:00:00Z", "data_through": "2024-04-04",
    "game_date": "2024-04-05", "season": "2023-24", "status": "ok", "reason": None, "run_id": None, "model_ids": [], "kind": "LIVE",
    "simulated": False, "counts": {"files": 1}, "path": "generations/000001/picks/2024-04-05.json", "sha256": "a" * 64,
}  # fmt: skip


def made(**changes: Any) -> bytes:
    """A pointer with changes; a value of `...` takes the field away."""
    body = {name: value for name, value in {**POINTER, **changes}.items() if value is not ...}
    return document("picks/latest.json", "pointer.schema.json", body).data


def test_a_valid_body_becomes_sorted_bytes() -> None:
    assert json.loads(made()) == POINTER
    assert made() == made(**dict(reversed(POINTER.items())))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"extra": 1}, "'extra' was unexpected"),
        ({"kind": ...}, "'kind' is a required property"),
        ({"run_id": ...}, "'run_id' is a required property"),
        ({"simulated": ...}, "'simulated' is a required property"),
        ({"simulated": None}, "simulated"),
        ({"schema_version": 2}, "schema_version"),
        ({"status": "fine"}, "status: 'fine'"),
        ({"kind": "live"}, "kind: 'live'"),
        ({"generated_at": "2024-04-05 18:00"}, "generated_at"),
        ({"counts": {"files": -1}}, "counts.files"),
        ({"sha256": "abc"}, "sha256"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_its_place(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BackcourtError, match=r"picks/latest\.json breaks pointer\.schema\.json") as refused:
        made(**changes)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_are_refused_with_their_place(number: float) -> None:
    with pytest.raises(BackcourtError, match=r"counts\.files is (nan|inf|-inf), which JSON doesn't have"):
        made(counts={"files": number})


def test_without_jsonschema_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("jsonschema"):
            raise ImportError(name)
        return real(name, *rest)

    validation._validator_of.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BackcourtError, match=r"install `backcourt\[publish\]`"):
        made()
    validation._validator_of.cache_clear()


def objects(schema: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    """Every schema of an object, with its place."""
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            found.append((place, schema))
        for key, part in schema.items():
            found += objects(part, f"{place}.{key}")
    elif isinstance(schema, list):
        for position, part in enumerate(schema):
            found += objects(part, f"{place}.{position}")
    return found


def test_every_schema_is_closed_and_of_the_draft() -> None:
    from jsonschema import Draft202012Validator

    checked = 0
    for name in validation.schema_names():
        schema = validation.schema_text(name)
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == name and schema["$schema"].endswith("2020-12/schema")
        for place, found in objects(schema, name):
            checked += 1
            if place.endswith("$defs.counts"):
                assert found["additionalProperties"] == {"type": "integer", "minimum": 0}
            else:
                assert found["additionalProperties"] is False, place
                assert sorted(found["required"]) == sorted(found["properties"]), f"{place}: a value that is missing is null"
    assert checked > 40


def test_the_schemas_know_the_markets() -> None:
    assert validation.schema_text("common.schema.json")["$defs"]["market"]["enum"] == list(MARKETS)
