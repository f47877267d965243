"""models/{id}.json: every model of the ledger, with its card where it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.model_cards import ModelCards


def build(edition: Edition) -> Iterator[Document]:
    """One file per model hash."""
    cards = ModelCards(edition.home / "models")
    for model in edition.reading.models():
        kind = "LIVE" if "LIVE" in model.kinds else "REPLAY"
        body = {
            **envelope(edition, {"forecasts": model.forecasts}, kind=kind, model_ids=[model.model_hash]),
            "as_of": model.last_created_at,
            "id": model.model_hash,
            "systems": model.systems,
            "markets": model.markets,
            "kinds": model.kinds,
            "first_date": model.first_date,
            "last_date": model.last_date,
            "forecasts": model.forecasts,
            "snapshot_ids": model.snapshot_ids,
            "manifest_hashes": model.manifest_hashes,
            "card": cards.of(model.model_hash, model.systems),
        }
        yield document(f"models/{model.model_hash}.json", "model.schema.json", body)


endpoint = GlobalEndpoint("models/{id}.json", "model.schema.json", "1 d", build)
