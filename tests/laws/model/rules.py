r"""What IAM asks of names, paths, tags, documents and numbers: one rule, one function.

Sources: the parameter constraints of the API pages; IAM User Guide, "IAM and AWS STS quotas" (reference_iam-quotas),
"Tags for IAM resources" (id_tags), "Grammar of the IAM JSON policy language" (reference_policies_grammar).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from iamsync.core.document import Document, DocumentError
from laws.model.calls import Refused

_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7e]+/")
_POLICY_PATH = re.compile(r"(/[A-Za-z0-9.,+@=_-]+)*/")
_WHITE_SPACE = re.compile(r"\s")


def named(name: str, longest: int) -> None:
    """Letters and digits of ASCII and a few signs."""
    if not _NAME.fullmatch(name) or len(name) > longest:
        raise Refused("ValidationError", f"{name!r} is not a name")


def free(name: str, taken: Iterable[str]) -> None:
    """Names are one without regard to case, over all paths."""
    if name.lower() in {one.lower() for one in taken}:
        raise Refused("EntityAlreadyExists", f"{name} already exists")


def path(text: str) -> None:
    """A slash at both ends, visible ASCII between."""
    if not _PATH.fullmatch(text) or len(text) > 512:
        raise Refused("ValidationError", f"{text!r} is not a path")


def policy_path(text: str) -> None:
    """Narrower than other paths, and no two slashes in a row."""
    if not _POLICY_PATH.fullmatch(text) or len(text) > 512:
        raise Refused("ValidationError", f"{text!r} is not the path of a policy")


def tag(key: str, value: str) -> None:
    """1 to 128 characters of key, up to 256 of value; letters, digits, spaces and a few signs; `aws:` is AWS's."""
    if not 1 <= len(key) <= 128 or len(value) > 256 or not all(map(_fit_for_tags, key + value)):
        raise Refused("ValidationError", f"{key!r}={value!r} is not a tag")
    not_awss(key)


def not_awss(key: str) -> None:
    """Tags whose key begins with `aws:` are neither set nor removed by customers."""
    if key.lower().startswith("aws:"):
        raise Refused("InvalidInput", "aws: prefixed tag key names are not allowed for external use.")


def differ(keys: list[str]) -> None:
    """No key is sent twice."""
    if len(set(keys)) < len(keys):
        raise Refused("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")


def room(present: int, quota: int, what: str) -> None:
    """One more must fit."""
    if present >= quota:
        raise Refused("LimitExceeded", f"Cannot exceed quota for {what}: {quota}")


def at_most(number: int, quota: int, what: str) -> None:
    """What there will be must fit."""
    if number > quota:
        raise Refused("LimitExceeded", f"Cannot exceed quota for {what}: {quota}")


def document(text: str) -> Document:
    """An identity policy."""
    try:
        return Document.parse(text)
    except DocumentError as error:
        raise Refused("MalformedPolicyDocument", str(error)) from error


def managed_document(text: str) -> None:
    """A new managed policy, of the one version that IAM still takes for these."""
    if document(text).version != "2012-10-17":
        raise Refused("MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater.")


def size(documents: Mapping[str, str] | Iterable[str]) -> int:
    """Characters of documents together; white space is free."""
    texts = documents.values() if isinstance(documents, Mapping) else documents
    return sum(len(_WHITE_SPACE.sub("", text)) for text in texts)


def absent(dependents: object, what: str) -> None:
    """Nothing is deleted from under what depends on it."""
    if dependents:
        raise Refused("DeleteConflict", f"Cannot delete entity, must {what} first.")


def present(thing: object, what: str) -> None:
    """What is named must be there."""
    if not thing:
        raise Refused("NoSuchEntity", f"{what} cannot be found.")


def _fit_for_tags(character: str) -> bool:
    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN"
