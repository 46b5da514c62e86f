"""What AWS itself says of the documents of a plan: Access Analyzer's ValidatePolicy, which is free and changes nothing.

IAM User Guide, "Validate policies with IAM Access Analyzer": an error is a policy that IAM refuses or that cannot work.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from iamsync import aws
from iamsync.aws.said import answer
from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.document import Document
from iamsync.core.model import NOWHERE, Origin, Problem
from iamsync.core.scope import Note
from iamsync.errors import DENIED
from iamsync.live.concurrently import each

if TYPE_CHECKING:
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient
    from mypy_boto3_accessanalyzer.type_defs import PathElementTypeDef, ValidatePolicyFindingTypeDef

DocumentKey = tuple[str, ...]
"""Which document is meant: `("policies", name)`, or `("users", name, name of the inline policy)`; groups likewise."""

Places = Callable[[DocumentKey, str], Origin | None]
"""Where a path of a document (`Statement[0].Resource`) was written; None if that is not known."""

_KINDS: Final = {"user": "users", "group": "groups"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What AWS has found: why subjects are held back, and what is only probably wrong."""

    holds: tuple[Note, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A document that a plan brings into force."""

    subject: str
    key: DocumentKey
    document: Document
    origin: Origin | None


def checked(client: "AccessAnalyzerClient", actions: Iterable[Action], places: Places) -> Checked:
    """What Access Analyzer finds in each new or changed document. Suggestions are left out. Where it cannot be asked,
    one warning says so: that AWS does not check must never keep a plan from revoking.
    """
    texts = list(_texts(actions))
    if not texts:
        return Checked()
    try:
        documents = list(dict.fromkeys(text.document.render() for text in texts))
        found = each(partial(_findings, client), documents, aws.CONCURRENT_READS)
    except (ClientError, BotoCoreError) as error:
        return Checked(warnings=(_unasked(error, texts[0].origin),))
    pairs = [(text, one) for text in texts for one in found[text.document.render()]]
    return Checked(
        holds=tuple(_hold(text, one, places) for text, one in pairs if one["findingType"] == "ERROR"),
        warnings=tuple(
            _warning(text, one, places) for text, one in pairs if one["findingType"] in {"WARNING", "SECURITY_WARNING"}
        ),
    )


def _texts(actions: Iterable[Action]) -> Iterator[_Text]:
    for action in actions:
        kind, _, name = action.subject.partition("/")
        match action.change:
            case to.CreatePolicy(_, document) | to.NewVersion(_, _, document):
                yield _Text(subject=action.subject, key=("policies", name), document=document, origin=action.reason)
            case to.PutInline(_, inline, _, document) if kind in _KINDS:
                key = (_KINDS[kind], name, inline)
                yield _Text(subject=action.subject, key=key, document=document, origin=action.reason)
            case _:
                pass


def _findings(client: "AccessAnalyzerClient", document: str) -> list["ValidatePolicyFindingTypeDef"]:
    pages = client.get_paginator("validate_policy").paginate(policyDocument=document, policyType="IDENTITY_POLICY")
    return [finding for page in pages for finding in page["findings"]]


def _hold(text: _Text, found: "ValidatePolicyFindingTypeDef", places: Places) -> Note:
    origin, _ = _place(text, found, places)
    words = f"AWS finds an error in its document ({found['issueCode']}): {_sentence(found)}"
    return Note(subject=text.subject, text=words, origin=origin)


def _warning(text: _Text, found: "ValidatePolicyFindingTypeDef", places: Places) -> Problem:
    origin, path = _place(text, found, places)
    return Problem(
        origin=origin or NOWHERE,
        path=f"{text.subject}: {path}" if path else text.subject,
        message=f"AWS warns ({found['issueCode']}): {_sentence(found)}",
        warning=True,
    )


def _place(text: _Text, found: "ValidatePolicyFindingTypeDef", places: Places) -> tuple[Origin | None, str]:
    """Where the first thing that the finding is about was written, and its path."""
    path = next((_path(one["path"]) for one in found["locations"]), "")
    return places(text.key, path) or text.origin, path


def _path(elements: Iterable["PathElementTypeDef"]) -> str:
    """`Statement[0].Resource`, as far as Access Analyzer's path leads through members and items."""
    path = ""
    for element in elements:
        if "value" in element:
            path += f".{element['value']}" if path else element["value"]
        elif "index" in element:
            path += f"[{element['index']}]"
    return path


def _sentence(found: "ValidatePolicyFindingTypeDef") -> str:
    return " ".join(found["findingDetails"].split())


def _unasked(error: ClientError | BotoCoreError, origin: Origin | None) -> Problem:
    is_denied = isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIED
    unreachable = f"Access Analyzer cannot be asked ({answer(error)})"
    why = "access-analyzer:ValidatePolicy is denied" if is_denied else unreachable
    message = f"{why}: the documents of this plan are not checked by AWS; allow it, or leave out aws_checks"
    return Problem(origin=origin or NOWHERE, path="", message=message, warning=True)
