"""Which system it was that failed, and where in its file."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backcourt.engine.declare.problem import Problem
from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.forecasting.system import loaded_systems


@contextmanager
def naming_what_fails(home: Path | None) -> Iterator[None]:
    """Let an error that a system from outside the package raised come out as one sentence with its file and line.

    Weeks are fitted in other processes; of an error there only the text of its way is left.
    """
    try:
        yield
    except (BackcourtError, QueryError):
        raise
    except Exception as error:
        way = "".join(traceback.format_exception(error))
        for one in loaded_systems(home).found.values():
            lines = re.findall(rf'File "{re.escape(str(one.file))}", line (\d+)', way)
            if lines and not one.is_own:
                said = " ".join(f"{type(error).__name__}: {error}".split())
                raise BackcourtError(Problem(str(one.file), int(lines[-1]), f"{said}; correct it").sentence) from error
        raise
