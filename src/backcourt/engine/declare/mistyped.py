"""Does a declaration hold what its fields say? Asked of files that others write, before anything rests on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_SHOWN = 60


def mistyped(declaration: Any) -> str:
    """What the first field of a dataclass is that isn't of its declared type, and what it must be; empty when all are.

    Looked into are unions, literals, collections, mappings and dataclasses. A list and a tuple pass for each other.
    """
    hints = get_type_hints(type(declaration))
    for field in fields(declaration):
        if found := _misfit(getattr(declaration, field.name), hints[field.name]):
            return f"`{field.name}` {found}"
    return ""


def _misfit(value: object, hint: Any) -> str:
    """Empty for a value of its type, else what it is and what it must be."""
    if _has_type(value, hint):
        return _inside(value, hint)
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return f"is {shown}, which must be {_told(hint)}"


def _has_type(value: object, hint: Any) -> bool:
    """Is the value itself of the type, whatever it holds?"""
    origin = get_origin(hint)
    if hint is Any:
        return True
    if origin in (Union, UnionType):
        return any(not _misfit(value, one) for one in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    kind = origin or hint
    if kind is Callable:
        return callable(value)
    if not isinstance(kind, type):
        return True
    if issubclass(kind, Mapping):
        return isinstance(value, Mapping)
    if issubclass(kind, AbstractSet):
        return isinstance(value, AbstractSet)
    if issubclass(kind, Collection) and kind not in (str, bytes):
        return isinstance(value, list | tuple)
    return isinstance(value, (int, float) if kind is float else kind)


def _inside(value: object, hint: Any) -> str:
    """The first misfit among what a value of the right type holds. A union was looked into when its type was chosen."""
    arguments = () if get_origin(hint) in (Union, UnionType, Literal) else get_args(hint)
    if isinstance(value, Mapping) and len(arguments) == 2:
        held = [(one, kind) for pair in value.items() for one, kind in zip(pair, arguments, strict=True)]
    elif isinstance(value, Collection) and not isinstance(value, str | bytes) and arguments[1:] in ((), (...,)) and arguments:
        held = [(one, arguments[0]) for one in value]
    elif is_dataclass(value) and not isinstance(value, type):
        nested = mistyped(value)
        return f"holds a {type(value).__name__} whose {nested}" if nested else ""
    else:
        return ""
    return next((found if found.startswith("holds") else f"holds what {found}" for one, kind in held if (found := _misfit(one, kind))), "")


def _told(hint: Any) -> str:
    """A type as a person writes it."""
    if get_origin(hint) is Literal:
        return " or ".join(repr(one) for one in get_args(hint))
    return (
        hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint).replace("typing.", "").replace("collections.abc.", "")
    )
