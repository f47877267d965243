"""Whatever a simulated home publishes says so, whatever a real one publishes denies it, and the two never lie in one folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.report_card.mark import MARK
from backcourt.publishing.documents import Document
from backcourt.publishing.endpoints import endpoints
from backcourt.publishing.generation import Publication
from backcourt.publishing.inspection import published_problems
from backcourt.publishing.live_publish import publish_live
from backcourt.publishing.publish import publish
from tests.publishing import boxes
from tests.publishing.examples import DURING, golden_file, published
from tests.publishing.fortnight import LAST, NOW, YESTERDAY, Fortnight
from tests.publishing.test_guard import START, one_team_missing

LATER = NOW + timedelta(seconds=30)
Publisher = Callable[[Path, bool], Publication]
OLD = "ledger/2024-04-01.json"
BOTH = pytest.mark.parametrize("is_simulated", [True, False], ids=["simulated", "real"])


def marks(publication: Publication) -> dict[str, object]:
    """What every file of the publication says of itself, both manifests among them."""
    manifest = publication.manifest()
    assert manifest is not None
    found: dict[str, object] = {entry.path: mark_of(publication.root / entry.path) for entry in manifest.files}
    for file in publication.root.glob("**/manifest.json"):
        found[str(file.relative_to(publication.root))] = mark_of(file)
    return found


def mark_of(file: Path) -> object:
    """A JSON file's field, None where it has none; of a text, whether its first line is the mark."""
    text = file.read_text(encoding="utf-8")
    return json.loads(text).get("simulated") if file.suffix == ".json" else text.startswith(f"> {MARK}\n\n")


def files_of(root: Path) -> dict[str, bytes]:
    """Every file's bytes, the lock's too."""
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def slates(folder: Path, is_simulated: bool, fortnight: Fortnight | None = None) -> Publication:
    """Two slates published into `folder`/out."""
    warehouse = (fortnight or Fortnight(START)).store()
    return Publication(publish(warehouse, folder, folder / "out", YESTERDAY, LAST, LATER, is_simulated=is_simulated).root)


def live(folder: Path, is_simulated: bool) -> Publication:
    """A slate's live files published into `folder`/out."""
    files = boxes.write(folder / "boxes", boxes.box())
    return Publication(publish_live(Fortnight(LAST).store(), folder, folder / "out", LAST, files, DURING, is_simulated=is_simulated).root)


@BOTH
def test_every_file_of_every_endpoint_says_where_it_comes_from(is_simulated: bool, tmp_path: Path) -> None:
    both = published(tmp_path, is_simulated=is_simulated)
    schemas = set()
    for publication in both:
        assert {name: mark for name, mark in marks(publication).items() if mark is not is_simulated} == {}
        schemas |= {entry.schema for entry in publication.manifest().files}  # type: ignore[union-attr]
    assert schemas == {endpoint.schema for endpoint in endpoints().values()} | {"pointer.schema.json"}, "an endpoint wasn't looked at"
    assert published_problems(tmp_path / "out")[1] == []


def test_the_mark_is_part_of_what_never_changes(tmp_path: Path) -> None:
    ledgers = [
        slates(tmp_path / name, is_simulated).manifest().by_name["ledger/2024-04-05.json"]  # type: ignore[union-attr]
        for name, is_simulated in (("invented", True), ("real", False))
    ]
    assert all(entry.path.startswith("immutable/") for entry in ledgers) and ledgers[0].path != ledgers[1].path


@BOTH
def test_a_halted_publication_says_it_too(is_simulated: bool, tmp_path: Path) -> None:
    fortnight = Fortnight(START)
    one_team_missing(fortnight)
    found = marks(slates(tmp_path, is_simulated, fortnight))
    assert len(found) == 6 and set(found.values()) == {is_simulated}


@BOTH
def test_a_state_that_is_unknown_says_it_too(is_simulated: bool, tmp_path: Path) -> None:
    warehouse = Fortnight(START).store()
    warehouse.query("alter table grades drop column status")
    report = publish(warehouse, tmp_path, tmp_path / "out", YESTERDAY, LAST, NOW, is_simulated=is_simulated)
    found = marks(Publication(report.root))
    assert report.verdict.is_unknown and len(found) == 6 and set(found.values()) == {is_simulated}


@pytest.mark.parametrize("second", [slates, live])
@pytest.mark.parametrize("first", [slates, live])
@BOTH
def test_the_other_origin_is_refused_and_every_byte_stays(is_simulated: bool, first: Publisher, second: Publisher, tmp_path: Path) -> None:
    root = first(tmp_path, is_simulated).root
    before = files_of(tmp_path / "out")
    held, arriving = ("simulated", "real") if is_simulated else ("real", "simulated")
    with pytest.raises(BackcourtError) as refused:
        second(tmp_path, not is_simulated)
    assert str(refused.value) == f"{root} holds {held} files, beside which {arriving} ones may not lie; choose another --out."
    assert files_of(tmp_path / "out") == before
    second(tmp_path, is_simulated)


def test_who_came_between_question_and_lock_is_refused(tmp_path: Path) -> None:
    publication = slates(tmp_path, True)
    with pytest.raises(BackcourtError, match="may not lie"):
        publication.publish([], NOW, is_simulated=False)
    assert publication.manifest().generation == 1  # type: ignore[union-attr]


@BOTH
def test_a_manifest_from_before_the_mark_takes_either_once(is_simulated: bool, tmp_path: Path) -> None:
    publication = Publication(tmp_path / "out" / "v1")
    ledger = json.loads(golden_file("ledger").read_text(encoding="utf-8"))
    del ledger["simulated"]
    publication.publish([Document(OLD, json.dumps(ledger).encode(), "ledger.schema.json", is_immutable=True)], NOW, is_simulated=False)
    file = publication.root / "manifest.json"
    body = json.loads(file.read_text())
    del body["simulated"]
    file.write_text(json.dumps(body))
    assert slates(tmp_path, is_simulated).manifest().is_simulated is is_simulated  # type: ignore[union-attr]
    with pytest.raises(BackcourtError, match="choose another --out"):
        slates(tmp_path, not is_simulated)
    (unmarked,) = published_problems(tmp_path / "out")[1]
    assert unmarked.startswith(OLD) and "'simulated' is a required property" in unmarked


def test_a_manifest_without_the_mark_gets_it_even_where_no_file_changes(tmp_path: Path) -> None:
    publication = slates(tmp_path, False)
    file = publication.root / "manifest.json"
    file.write_text(file.read_text().replace('"simulated":false', '"simulated":null'))
    found = slates(tmp_path, False).manifest()
    assert found is not None and (found.generation, found.is_simulated) == (2, False)
