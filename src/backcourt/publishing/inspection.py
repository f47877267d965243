"""Is what is published what was published? Every file against its manifest and its schema."""

from __future__ import annotations

import json
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.publishing.generation import Publication
from backcourt.publishing.publish import LIVE, VERSION
from backcourt.publishing.validation import validate


def published_problems(out: Path) -> tuple[int, list[str]]:
    """How many files the manifests name, and one sentence for each that is missing, altered or breaks its schema."""
    count, found = 0, []
    for root in (out / VERSION, out / VERSION / LIVE):
        publication = Publication(root)
        manifest = publication.manifest()
        for entry in manifest.files if manifest else ():
            count += 1
            try:
                data = publication.read(entry.name)
                if entry.schema:
                    validate(entry.name, entry.schema, json.loads(data))
            except BackcourtError as error:
                found.append(str(error))
    return count, found
