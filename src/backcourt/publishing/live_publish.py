"""One refresh of a slate's live files, behind a manifest of their own: they change twice a minute, the slate's other files once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from backcourt.engine.warehouse import Warehouse
from backcourt.judgement.standing import missed_targets
from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import LiveEndpoint
from backcourt.publishing.endpoint_documents import made
from backcourt.publishing.endpoints import loaded_endpoints, schema_folders
from backcourt.publishing.live_states import State
from backcourt.publishing.live_view import LiveView
from backcourt.publishing.pointers import latest
from backcourt.publishing.publish import publications
from backcourt.publishing.reading import Reading
from backcourt.publishing.validation import require_jsonschema, schemas_beside
from backcourt.sources.live_boxes import read_live_boxes


@dataclass(frozen=True)
class LiveReport:
    """What a refresh published: how many boxes there were, the picks by state, and what was wrong with the files."""

    root: Path
    generation: int
    game_date: date
    boxes: int
    states: dict[str, int]
    problems: tuple[str, ...]


def publish_live(
    warehouse: Warehouse, home: Path, out: Path, day: date, box_files: Path, now: datetime, *, is_simulated: bool
) -> LiveReport:
    """Publish live/{date}.json and live-grading/{date}.json into `out`/v1/live from the box files (a file or a folder).

    Raises BackcourtError when there are no such files, the ledger is empty, or the folder can't be written or holds
    files of the other origin (real, simulated).
    """
    require_jsonschema()
    with schemas_beside(schema_folders(home)):
        return _published(warehouse, home, out, day, box_files, now, is_simulated)


def _published(warehouse: Warehouse, home: Path, out: Path, day: date, box_files: Path, now: datetime, is_simulated: bool) -> LiveReport:
    _, publication = publications(out, is_simulated)
    boxes, problems = read_live_boxes(box_files)
    edition = Edition(Reading(warehouse, now, missed_targets(home)), home, now, (day,), is_simulated)
    slate = edition.reading.day(day)
    games = {game.game_id for game in slate.games}
    stray = sorted(set(boxes) - games)
    if stray:
        problems.append(f"The box of {', '.join(stray)} is of no game of {day}.")
    before = publication.read_json(f"live-grading/{day}.json")
    previous = {pick["pick_id"]: State(pick["state"]) for pick in (before["picks"] if before else ())}
    view = LiveView({game: box for game, box in boxes.items() if game in games}, previous, tuple(problems))
    documents: list[Document] = []
    makers: dict[str, Path] = {}
    for one in loaded_endpoints(home).found.values():
        if isinstance(one.declaration, LiveEndpoint):
            documents += made(one, partial(_live, one.declaration, edition, slate, view), makers)
    manifest = publication.publish(documents, now, latest(edition), is_simulated=is_simulated)
    after = publication.read_json(f"live-grading/{day}.json")
    states = Counter(pick["state"] for pick in (after["picks"] if after else ()))
    return LiveReport(publication.root, manifest.generation, day, len(view.boxes), dict(sorted(states.items())), view.problems)


def _live(endpoint: LiveEndpoint, edition: Edition, slate: Day, view: LiveView) -> list[Document]:
    return [endpoint.build(edition, slate, view)]
