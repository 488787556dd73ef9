"""Values of a file with the lines that they stand on, so that a mistake can be named where it was made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, cast

import yaml

from usage_ledger.scenarios.reading.misfit import Misfit

_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]{0,30})")
_DECIMAL: Final = re.compile(r"[-+]?[0-9][0-9_]*\.[0-9]*([eE][-+]?[0-9]+)?")
_WORDS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Node(NamedTuple):
    """A mapping or a list of nodes, or text, whole number, ``Decimal``, bool or None; on a line that counts from 1."""

    value: Any
    line: int

    def members(self) -> Mapping[str, Node]:
        """Raises Misfit unless it is a mapping."""
        if not isinstance(self.value, dict):
            raise Misfit(self.line, f"expected names with values, found {told(self.value)}")
        return cast("Mapping[str, Node]", self.value)

    def items(self) -> Sequence[Node]:
        """Raises Misfit unless it is a list."""
        if not isinstance(self.value, list):
            raise Misfit(self.line, f"expected a list, found {told(self.value)}")
        return cast("Sequence[Node]", self.value)

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.members().items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.items()]
        return self.value


def parse_yaml(text: str) -> Node:
    """The one document of the text. Raises Misfit.

    Only plain text, whole numbers, true, false and null are told apart: a time or a version stays the text it is.
    Nothing is referred to twice: an alias could make a small file very large.
    """
    try:
        root = _compose(text)
        if root is None:
            raise Misfit(1, "the file is empty")
        return _Reader().node(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Misfit(mark.line + 1 if mark else 1, f"this is no YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise Misfit(1, f"this is no YAML: {error}") from None
    except RecursionError:
        raise Misfit(1, "the file is nested too deeply") from None


def _compose(text: str) -> yaml.Node | None:
    # The library has no type hints for this one.
    return cast("Any", yaml).compose(text, Loader=yaml.SafeLoader)


def told(value: object) -> str:
    """A value in few words, for whoever has to mend it."""
    if isinstance(value, dict):
        return "names with values"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"{str(value)[:60]!r}" if isinstance(value, str) else str(value)[:60]


class _Reader:
    """One document. Nodes of the library are only ever met once, unless they are aliases."""

    def __init__(self) -> None:
        self._met: set[int] = set()

    def node(self, read: yaml.Node) -> Node:
        line = read.start_mark.line + 1
        if id(read) in self._met:
            raise Misfit(line, "aliases are not read: write the value out")
        self._met.add(id(read))
        if isinstance(read, yaml.MappingNode):
            return Node(self._mapping(read), line)
        if isinstance(read, yaml.SequenceNode):
            return Node([self.node(each) for each in read.value], line)
        return Node(_scalar(read), line)

    def _mapping(self, read: yaml.MappingNode) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in read.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise Misfit(line, "expected a name, found more than one value")
            if key.value in found:
                raise Misfit(line, f"{key.value} stands here twice")
            found[str(key.value)] = self.node(value)
        return found


def _scalar(read: yaml.Node) -> str | int | Decimal | bool | None:
    text = str(read.value)
    if getattr(read, "style", None) is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text.replace("_", "")) if _DECIMAL.fullmatch(text) else text
