"""Which home a warehouse file is of: by its own word, its copy beside it, and the snapshot's; two outvote one."""

from __future__ import annotations

from pathlib import Path

from backcourt.engine.errors import BackcourtError, DamagedError, QueryError
from backcourt.engine.judge import checksums
from backcourt.engine.warehouse import Warehouse
from backcourt.home import identity
from backcourt.home.identity import Identity
from backcourt.home.kept import IDENTITY
from backcourt.home.layout import REPAIR, Layout
from backcourt.home.reads import Readers


class Belonging:
    """What the files of one home say of whose they are."""

    def __init__(self, layout: Layout, reads: Readers) -> None:
        self._layout = layout
        self._reads = reads

    def known(self, warehouse: Warehouse) -> Identity | None:
        """What the warehouse says of itself; where another program changed that, what its copies say.

        Raises DamagedError where none of them says it.
        """
        known = identity.read(warehouse)
        if checksums.is_intact(warehouse, IDENTITY):
            return known
        copy = identity.read_copy(self._layout.identity_file) or self._of(self._layout.snapshot_file)
        if copy is None:
            raise DamagedError(f"{self._layout.warehouse_file} no longer says which home it is of; {REPAIR}.")
        return copy

    def require_own(self, warehouse: Warehouse, known: Identity | None) -> None:
        """The file must be this home's; one of format 0 that was put back from `backups` is. Raises DamagedError."""
        copy = identity.read_copy(self._layout.identity_file)
        if copy is None or (known.home_id == copy.home_id if known else warehouse.columns("raw_loads")):
            return
        if known is not None and known.home_id == self.id_of(self._layout.snapshot_file):
            # Two against one: it is the copy of the identity that is wrong, and it is written again.
            return
        what = f"that of another home, {known.home_id}," if known else "no warehouse of this package"
        raise DamagedError(f"{self._layout.warehouse_file} is {what} and this home is {copy.home_id}; {REPAIR}.")

    def id_of(self, file: Path) -> str | None:
        """The id of the home that a warehouse file says it belongs to; None for one that can't be read or doesn't say."""
        known = self._of(file)
        return known.home_id if known else None

    def _of(self, file: Path) -> Identity | None:
        if not file.is_file():
            return None
        try:
            with self._reads.opened(file) as warehouse:
                return identity.read(warehouse)
        except (BackcourtError, QueryError):
            return None
