"""What a user can meet: one sentence each, with the value, the rule and the next step."""

from __future__ import annotations


class BackcourtError(Exception):
    """A sentence for the user. `exit_code` is what the command line returns: 2, usage or environment."""

    exit_code = 2


class DeclarationError(BackcourtError):
    """A table declaration that the catalog refuses."""


class LockedError(BackcourtError):
    """Another run holds the write lock."""

    exit_code = 3


class UnmetError(BackcourtError):
    """Something that should be complete is not."""

    exit_code = 1


class DamagedError(BackcourtError):
    """A file of the home is not what was written there; the sentence says the way back."""


class NoSpaceError(BackcourtError):
    """The disk is full; nothing was lost, and the same command goes on once there is space."""


class CouldNotVerifyError(BackcourtError):
    """A state could not be determined; never taken for good."""

    exit_code = 5


class OutOfTimeError(BackcourtError):
    """The run's own time limit was reached; what was built is kept."""

    exit_code = 124


STOPPING = ("space", "damaged")
"""Kinds of QueryError that no other statement would escape: work stops at once and as a whole."""


class QueryError(Exception):
    """A statement that the warehouse refused.

    `kind` is `transient` (worth another attempt), `timeout` (interrupted), `space` (the disk is full), `damaged` (the
    file is not what was written), `data` (values or columns that the statement can't take) or `permanent`.
    """

    def __init__(self, message: str, kind: str = "permanent") -> None:
        super().__init__(message)
        self.kind = kind
