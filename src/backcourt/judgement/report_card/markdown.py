"""A card as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from backcourt.judgement.report_card.blocks import Block, Heading, Sentence, TableBlock


def markdown(blocks: Iterable[Block]) -> str:
    """Blocks as Markdown; figures are left to HTML."""
    parts = []
    for block in blocks:
        if isinstance(block, Heading):
            parts.append(f"{'#' * block.level} {block.text}")
        elif isinstance(block, Sentence):
            parts.append(block.text)
        elif isinstance(block, TableBlock):
            lines = [block.columns, ("---",) * len(block.columns), *block.rows]
            parts.append("\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines))
    return "\n\n".join(parts) + "\n"
