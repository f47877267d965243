"""Pickled models: what one commit wrote, another may not be able to read."""

from __future__ import annotations

import pickle
from typing import Any

from backcourt.engine.errors import BackcourtError


class OtherCodeError(BackcourtError):
    """A pickle of classes that this code doesn't have, or has in another shape; what it holds must be made again."""


def unpickled(data: bytes, name: str) -> Any:
    """What was pickled; `data` must have been proved to be what was written. Raises OtherCodeError, which says `name`."""
    try:
        return pickle.loads(data)
    # Whatever a class of that name does with what it is given.
    except (ImportError, AttributeError, TypeError, ValueError, LookupError, EOFError, pickle.UnpicklingError) as error:
        raise OtherCodeError(
            f"{name} was fitted by other code ({error}); the next `backcourt predict` of its week fits it again."
        ) from error
