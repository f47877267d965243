"""What a verdict over the ledger adds to the states: the chain holds, and the files that it names are those that were written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.season_checks import SeasonFinding
from backcourt.engine.prove.verify import Verdict
from backcourt.engine.warehouse import Warehouse
from backcourt.record.chain import verify_chain
from backcourt.record.pmf_files import sha256_of


def with_chain(verdict: Verdict, situation: Situation, home: Path) -> Verdict:
    """The verdict with every fault of the chain and every lost or changed file as a failed check, if it judges the ledger at all."""
    catalog = situation.catalog
    if not {node.name for node in catalog.appended} & set(verdict.tables):
        return verdict
    found = [
        SeasonFinding(fault.table, "hash_chain", (f"batch {fault.batch_id}", fault.row, fault.problem), "fail")
        for fault in verify_chain(situation.warehouse, catalog)
    ]
    return replace(verdict, findings=[*verdict.findings, *found, *_files(situation.warehouse, home)])


def _files(warehouse: Warehouse, home: Path) -> list[SeasonFinding]:
    if not warehouse.columns("forecasts"):
        return []
    named = warehouse.query(
        "select pmf_file, pmf_sha256, min(game_date) from forecasts where pmf_file is not null "
        "group by pmf_file, pmf_sha256 order by pmf_file, pmf_sha256"
    )
    return [
        SeasonFinding("forecasts", "pmf_files", (file, day, "missing" if found is None else "changed since it was written"), "fail")
        for file, digest, day in named
        if (found := sha256_of(home / file)) != digest
    ]
