"""One publication: read the dates, let the guard judge them, make the files, replace the generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from backcourt.engine.errors import QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.judgement.standing import missed_targets
from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint, SlateEndpoint
from backcourt.publishing.endpoint_documents import made
from backcourt.publishing.endpoints import loaded_endpoints, picks, schema_folders, status
from backcourt.publishing.generation import Publication
from backcourt.publishing.guard import Guard
from backcourt.publishing.guard_verdict import GuardVerdict
from backcourt.publishing.pointers import latest
from backcourt.publishing.reading import Reading
from backcourt.publishing.rows import SlatePlayer
from backcourt.publishing.unreadable import Unreadable
from backcourt.publishing.validation import require_jsonschema, schemas_beside

VERSION, LIVE = "v1", "live"


@dataclass(frozen=True)
class PublishReport:
    """What a publication did. Where `verdict` isn't open, the files of the dates are those of the last good generation."""

    root: Path
    generation: int
    is_new: bool
    files: int
    published: int
    dates: tuple[date, ...]
    verdict: GuardVerdict

    @property
    def sentence(self) -> str:
        """What happened, for the person who published."""
        if not self.verdict.is_open:
            kept = "no picks are shown" if self.verdict.is_unknown else "the last good files stay"
            return f"Halted, {kept}: {self.verdict.reason}"
        if not self.is_new:
            return f"Generation {self.generation} in {self.root} holds all of this already; nothing was written."
        return f"Generation {self.generation} in {self.root}: {self.published} files written, {self.files} published."


def publish(warehouse: Warehouse, home: Path, out: Path, start: date, end: date, now: datetime, *, is_simulated: bool) -> PublishReport:
    """Publish the slates from `start` to `end` (inclusive) and everything that covers the whole ledger, into `out`/v1.

    `home` is the folder with kept distributions, model cards and report cards; `now` is UTC; `is_simulated` is the
    home's. Raises BackcourtError for an empty ledger, a missing jsonschema, a file that its schema refuses, or a
    folder that can't be written or holds files of the other origin (real, simulated); nothing is replaced then.
    """
    require_jsonschema()
    with schemas_beside(schema_folders(home)):
        return _published(warehouse, home, out, start, end, now, is_simulated)


def _published(warehouse: Warehouse, home: Path, out: Path, start: date, end: date, now: datetime, is_simulated: bool) -> PublishReport:
    publication, _ = publications(out, is_simulated)
    makers: dict[str, Path] = {}
    dates = tuple(start + timedelta(days=offset) for offset in range((end - start).days + 1))
    known = publication.names()
    try:
        reading = Reading(warehouse, now, missed_targets(home))
        edition = Edition(reading, home, now, dates, is_simulated, published=known)
        edition, documents = _slates(edition, publication, makers)
        if edition.guard.is_open:
            for one in loaded_endpoints(home).found.values():
                if isinstance(one.declaration, GlobalEndpoint):
                    documents += made(one, partial(one.declaration.build, edition), makers)
        else:
            documents = _halted(edition)
    except QueryError as error:
        verdict = GuardVerdict((f"The state could not be determined: {error}.",), is_unknown=True)
        edition = Edition(Unreadable(), home, now, dates, is_simulated, verdict, published=known)
        documents = _halted(edition)
    before = publication.manifest()
    manifest = publication.publish(documents, now, latest(edition), is_simulated=is_simulated)
    is_new = before is None or manifest.generation != before.generation
    return PublishReport(
        publication.root, manifest.generation, is_new, len(manifest.files), len(documents) if is_new else 0, dates, edition.guard
    )  # fmt: skip


def publications(out: Path, is_simulated: bool) -> tuple[Publication, Publication]:
    """Where the slates' files and the live files lie; raises BackcourtError where either holds files of the other origin."""
    slates, live = Publication(out / VERSION), Publication(out / VERSION / LIVE)
    for publication in (slates, live):
        publication.require_same_origin(is_simulated)
    return slates, live


def _slates(edition: Edition, publication: Publication, makers: dict[str, Path]) -> tuple[Edition, list[Document]]:
    """Judge the dates and make their files, one date in memory at a time; the edition with the verdict and what the dates hold."""
    guard = Guard(edition.reading, edition.now)
    documents: list[Document] = []
    listings: dict[int, SlatePlayer] = {}
    seasons = set()
    for day in map(edition.reading.day, edition.dates):
        if guard.judges_well(day, _published_rows(publication, edition.published, day.game_date)):
            for one in loaded_endpoints(edition.home).found.values():
                if isinstance(one.declaration, SlateEndpoint):
                    documents += made(one, partial(_slate, one.declaration, edition, day), makers)
        listings |= {player.player_id: player for player in day.players}
        if day.season:
            seasons.add(day.season)
    return replace(edition, guard=guard.verdict(), listings=listings, seasons=frozenset(seasons)), documents


def _slate(endpoint: SlateEndpoint, edition: Edition, day: Day) -> list[Document]:
    return [endpoint.build(edition, day)]


def _published_rows(publication: Publication, known: frozenset[str], day: date) -> Mapping[str, str]:
    name = f"ledger/{day}.json"
    body = publication.read_json(name) if name in known else None
    return {row["pick_id"]: row["hash"] for row in (body["rows"] if body else ())}


def _halted(edition: Edition) -> list[Document]:
    """The status, and no picks where none were published or nothing is known; all else stays as it was."""
    documents = list(status.build(edition))
    for day in edition.dates:
        if edition.guard.is_unknown or f"picks/{day}.json" not in edition.published:
            documents.append(picks.halted(edition, Day.without_rows(day)))
    return documents
