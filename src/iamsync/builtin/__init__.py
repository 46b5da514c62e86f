"""The built-in policies: documents that a team writes anyway and easily gets wrong, each a JSON file of this package.

A file holds the revision of the document, the day of that revision, what the policy is for, its parameters and the
document. `{{ partition }}` in it stands for the partition of the account, and `{"parameter": NAME}` for the value of a
parameter. Without a value, the condition around it is left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

NAMES: Final = ("deny-all", "deny-outside-network", "require-mfa", "self-manage-credentials")
"""Every built-in policy; a tuple here, so that the schema of the files can name them without reading any."""

_PARAMETER: Final = "parameter"
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Builtin:
    """One built-in policy. `revision` grows by one whenever `template` changes; `date` (`2026-11-25`) is that day.

    `parameters` says of each parameter whether it is required.
    """

    name: str
    revision: int
    date: str
    description: str
    parameters: Mapping[str, bool]
    template: Mapping[str, Any]

    def document(self, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        """The document as decoded JSON, with these values of parameters in their places as they are."""
        filled = _filled(self.template, parameters)
        assert isinstance(filled, dict)  # noqa: S101 - every document has statements
        return filled


@cache
def builtin(name: str) -> Builtin:
    """The built-in policy of that name, one of NAMES."""
    data = json.loads(files("iamsync.builtin").joinpath(f"{name}.json").read_text("utf-8"))
    return Builtin(name=name, template=data.pop("document"), **data)


def _filled(value: object, parameters: Mapping[str, object]) -> object:
    if isinstance(value, list):
        return [_filled(item, parameters) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_PARAMETER}:
        return parameters.get(value[_PARAMETER], _ABSENT)
    inner = ((key, _filled(one, parameters)) for key, one in value.items())
    return {key: one for key, one in inner if one is not _ABSENT} or _ABSENT
