"""One example of every published file, made from the fortnight. `python -m tests.publishing.examples` writes them to `golden/`."""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from backcourt.judgement.standing import keep_fallbacks, keep_verdicts
from backcourt.publishing.generation import Publication
from backcourt.publishing.live_publish import publish_live
from backcourt.publishing.publish import publish
from tests.publishing import boxes
from tests.publishing.fortnight import FIRST, LAST, NOW, Fortnight, keep_model, model_hash

GOLDEN = Path(__file__).parent / "golden"

EXAMPLES = {
    "status": "status.json",
    "calendar": "calendar.json",
    "predictions": "predictions/2024-04-05.json",
    "picks": "picks/2024-04-05.json",
    "ledger": "ledger/2024-04-05.json",
    "results": "results/2024-04-04.json",
    "record": "record.json",
    "leaderboard": "leaderboard.json",
    "calibration": "calibration.json",
    "players_index": "players/index.json",
    "player": "players/101.json",
    "player_season": "players/101/2023-24.json",
    "reportcard": "reportcard.json",
    "models": f"models/{model_hash('ensemble')}.json",
    "methodology": "methodology.md",
    "pointer": "picks/latest.json",
    "live": "live/2024-04-05.json",
    "live_grading": "live-grading/2024-04-05.json",
}
"""Endpoint (or pointer) -> the file that is kept as its example."""

DURING = datetime.fromisoformat("2024-04-06T01:31:00")


def published(folder: Path, *, is_simulated: bool = False) -> tuple[Publication, Publication]:
    """The fortnight published to a folder, as of a real home unless asked otherwise: its files and its live files."""
    (folder / "reports" / "made-up").mkdir(parents=True)
    (folder / "reports" / "made-up" / "reportcard.json").write_text(json.dumps({"snapshot": "made-up"}))
    keep_verdicts(folder, {"rebounds": {"3h+": "NO_EDGE"}})
    sentence = 'T9 missed, absolute mean bias, lined playoffs: 0.53, wanted <= 0.35; slice flagged "biased".'
    keep_fallbacks(folder, [{"target": "T9", "sentence": sentence}])
    keep_model(folder)
    warehouse = Fortnight().store()
    report = publish(warehouse, folder, folder / "out", FIRST, LAST, NOW, is_simulated=is_simulated)
    assert report.verdict.is_open, report.sentence
    shown = boxes.write(folder / "boxes", boxes.box())
    live = publish_live(warehouse, folder, folder / "out", LAST, shown, DURING, is_simulated=is_simulated)
    return Publication(report.root), Publication(live.root)


def example(files: Publication, live: Publication, name: str) -> str:
    """A published file as it is kept: JSON indented, so that a change can be read."""
    data = (live if name.startswith("live") else files).read(name).decode()
    return data if name.endswith(".md") else json.dumps(json.loads(data), indent=1, ensure_ascii=False) + "\n"


def golden_file(endpoint: str) -> Path:
    """Where an endpoint's example is kept."""
    return GOLDEN / f"{endpoint}{Path(EXAMPLES[endpoint]).suffix}"


def main() -> None:
    """Write all examples."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files, live = published(Path(folder))
        for endpoint, name in EXAMPLES.items():
            golden_file(endpoint).write_text(example(files, live, name), encoding="utf-8")
            sys.stdout.write(f"{golden_file(endpoint)}\n")


if __name__ == "__main__":
    main()
