"""A card as one HTML file without anything from outside."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2

from backcourt.judgement.report_card.blocks import Block, Figure
from backcourt.judgement.report_card.figures import figure

_FOLDER = Path(__file__).parent


def html(blocks: Iterable[Block], card: dict[str, Any]) -> str:
    """The blocks by the template, figures drawn from the card."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    listed = [(type(block).__name__, block) for block in blocks]
    drawn = {
        (block.name, block.market): figure(block.name, card["calibration"][block.market])
        for _, block in listed
        if isinstance(block, Figure)
    }
    return environment.get_template("card.html.jinja").render(blocks=listed, figures=drawn)
