"""An endpoint of a home's own is published by its own schema, and one that fails is named by file and line before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.publishing.endpoints import schema_folders
from backcourt.publishing.generation import Publication
from backcourt.publishing.inspection import published_problems
from backcourt.publishing.publish import publish
from backcourt.publishing.validation import schemas_beside
from tests.extensions.examples import ENDPOINT, put
from tests.publishing.fortnight import LAST, Fortnight
from tests.publishing.test_guard import START
from tests.publishing.test_simulated import LATER

OWN = "officials/all.json"


def published(home: Path) -> Publication:
    """The last slate and all that is global, published into `home`/out."""
    return Publication(publish(Fortnight(START).store(), home, home / "out", LAST, LAST, LATER, is_simulated=True).root)


def test_an_endpoint_of_a_home_is_published_by_its_own_schema(tmp_path: Path) -> None:
    put(tmp_path, "endpoints/officials.py", "endpoints/officials.schema.json")
    publication = published(tmp_path)
    manifest = publication.manifest()
    assert manifest is not None and manifest.by_name[OWN].schema == "officials.schema.json" and len(manifest.files) > 10
    assert publication.read_json(OWN) == {"kind": None, "simulated": True, "officials": 3}
    with schemas_beside(schema_folders(tmp_path)):
        assert published_problems(tmp_path / "out")[1] == []
    (problem,) = published_problems(tmp_path / "out")[1]
    assert "no schema 'officials.schema.json'" in problem


FAILING = {
    '"officials": 3': ('"officials": "three"', "breaks officials.schema.json at officials"),
    "    body = {": ("    body = edition.no_such_thing\n    body = {", "no_such_thing"),
    f'document("{OWN}"': ('document("status.json"', "'status.json' is made by"),
    f'"{OWN}", "officials': ('"../officials.json", "officials', "'../officials.json' is no name"),
    "    yield document": ("    yield body\n    yield document", "it made a dict"),
}


@pytest.mark.parametrize("old", FAILING)
def test_an_endpoint_that_fails_is_named_and_nothing_is_written(old: str, tmp_path: Path) -> None:
    new, word = FAILING[old]
    put(tmp_path, "endpoints/officials.py", "endpoints/officials.schema.json")
    file = tmp_path / "endpoints" / "officials.py"
    file.write_text(ENDPOINT.replace(old, new, 1))
    with pytest.raises(BackcourtError) as raised:
        published(tmp_path)
    assert str(raised.value).startswith(f"{file}, line ") and word in str(raised.value) and "\n" not in str(raised.value)
    assert not (tmp_path / "out" / "v1" / "manifest.json").exists()


def test_a_file_that_cannot_be_imported_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "endpoints").mkdir()
    (tmp_path / "endpoints" / "broken.py").write_text("raise ValueError\n")
    manifest = published(tmp_path).manifest()
    assert manifest is not None and "status.json" in manifest.by_name
