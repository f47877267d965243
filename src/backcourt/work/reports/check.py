"""One line and one exit code on a whole home, for machines."""

from __future__ import annotations

from collections import Counter

from backcourt.engine.errors import BackcourtError, DamagedError, QueryError
from backcourt.engine.judge import checksums
from backcourt.engine.judge.cause import leading
from backcourt.home import Home
from backcourt.home.layout import REPAIR
from backcourt.work.reports.health import health

GOOD, UNMET, UNKNOWN = 0, 1, 5


def check_home(home: Home) -> tuple[int, str]:
    """Exit code by the worst state of any partition or job, and a sentence.

    5 when something could not be determined: the warehouse is gone, damaged, or not the one that the snapshot was
    made of. Raises BackcourtError for what is no home.
    """
    if home.layout.place() in ("nothing", "unmade"):
        home.layout.require()
    # A configuration that can't be read says so, as for every verb.
    _ = home.settings
    try:
        with home.situation() as situation:
            behind = home.custody.reads.behind()
            states = situation.states(situation.catalog.nodes.values())
            red = [part for part in health(home, situation.calendar) if part.is_red]
            cause = leading(situation.facts, (p for found in states.values() for p in found.values()))
            damages = checksums.found(situation.warehouse)
    except DamagedError as error:
        return UNKNOWN, str(error)
    except QueryError as error:
        return UNKNOWN, f"The state could not be determined ({error}); {REPAIR}."
    except BackcourtError as error:
        if error.exit_code != 2:
            raise
        return UNKNOWN, str(error)
    counts = Counter(p.state for found in states.values() for p in found.values() if not p.is_good)
    if counts["unknown"]:
        told = cause.sentence if cause else REPAIR
        return UNKNOWN, f"{counts['unknown']:,} partitions could not be determined: {told}."
    if behind and not home.custody.reads.is_being_written():
        return UNKNOWN, behind
    if not any(p.games_expected or p.rows_expected for found in states.values() for p in found.values()):
        return UNKNOWN, "Nothing is expected here yet; run `backcourt ingest PATH`."
    unmet = [damage.sentence for damage in damages]
    unmet += [f"{part.name}: {part.state}: {part.note.rstrip('.')}" for part in red]
    if counts:
        listed = ", ".join(f"{count:,} {state}" for state, count in counts.most_common())
        unmet.insert(
            0,
            f"{sum(counts.values()):,} partitions are unmet ({listed}): {cause.sentence if cause else 'see `backcourt gaps`'}",
        )
    if unmet:
        return UNMET, "; ".join(unmet) + "."
    total = sum(len(found) for found in states.values())
    return (
        GOOD,
        f"All {total:,} partitions are good, and no job needs anybody; the checks of whole seasons are `backcourt verify`'s.",
    )
