"""A card's files: JSON, Markdown, HTML and a summary in Markdown; a file gets its name only when it is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backcourt.engine.files import write_whole
from backcourt.judgement.report_card.card_blocks import card_blocks, summary_blocks
from backcourt.judgement.report_card.html import html
from backcourt.judgement.report_card.markdown import markdown


def write_card(folder: Path, card: dict[str, Any]) -> list[Path]:
    """Write reportcard.json, .md, .html and summary.md into the folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = list(card_blocks(card))
    texts = {
        "reportcard.json": json.dumps(card, indent=1, sort_keys=True, allow_nan=False) + "\n",
        "reportcard.md": markdown(blocks),
        "reportcard.html": html(blocks, card),
        "summary.md": markdown(summary_blocks(card)),
    }
    written = []
    for name, text in texts.items():
        write_whole(folder / name, text)
        written.append(folder / name)
    return written
