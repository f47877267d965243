"""Making what an endpoint declares; one from outside the package is told of by file and line when it fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from backcourt.engine.declare.loader import Declared
from backcourt.engine.errors import BackcourtError
from backcourt.publishing.documents import Document

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9_-]*)*(?:\.[a-z0-9]+)?(?<!/latest\.json)(?<!manifest\.json)")


def made(one: Declared[Any], build: Callable[[], Iterable[Document]], makers: dict[str, Path]) -> list[Document]:
    """The documents of an endpoint. `makers` knows which file made a name in this publication, and learns of these.

    Raises BackcourtError when an endpoint from outside the package fails, or takes a name that isn't its own.
    """
    if one.is_own:
        documents = list(build())
    else:
        try:
            documents = list(build())
        except Exception as error:
            raise BackcourtError(one.failed(error).sentence) from error
        for document in documents:
            if reason := _objection(document, makers):
                raise BackcourtError(one.problem(reason).sentence)
    makers |= {document.name: one.file for document in documents}
    return documents


def _objection(document: object, makers: dict[str, Path]) -> str:
    if not isinstance(document, Document):
        return f"it made a {type(document).__name__}; make documents with `document(name, schema, body)`"
    if document.name in makers:
        return f"{document.name!r} is made by {makers[document.name]} already; choose another name"
    if not _NAME.fullmatch(document.name):
        return f"{document.name!r} is no name of a file to publish; use folders and a name such as `mine/2024-04-05.json`"
    return ""
