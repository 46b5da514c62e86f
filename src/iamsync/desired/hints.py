"""What somebody may have meant: words of other tools, lists for mappings, policies pasted as text, secrets."""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from iamsync.core.validate import shown
from iamsync.desired.fields import found
from iamsync.desired.near import did_you_mean
from iamsync.desired.nodes import NULLS, SWITCHES, TRUTHS, Entries, Items, Node, Scalar
from iamsync.desired.places import Path
from iamsync.desired.schema import File

_OURS: Final = {
    "policies": "managedpolicies managedpolicyarns attachedpolicies attachedmanagedpolicies policyarns "
    "policyattachments managedpolicy iampolicies attachments",
    "permissions_boundary": "permissionboundary permissionsboundaryarn permissionboundaryarn boundary boundarypolicy",
    "inline_policies": "inlinepolicy userpolicies userpolicylist grouppolicies",
    "policy_sets": "permissionsets permissionset policyset policybundles bundles",
    "document": "policydocument policy content json statement",
    "groups": "grouplist groupnames groupmemberships memberships memberof iamgroups usergroups",
    "members": "users user memberlist groupmembers groupmembership usernames",
    "users": "iamusers user",
    "console": "loginprofile consoleaccess createloginprofile createiamuserloginprofile",
    "access_keys": "accesskey createaccesskey createiamaccesskey programmaticaccess keys",
    "password_reset_required": "requirepasswordreset requirereset mustchangepassword",
    "deliver": "channel deliverychannel deliverby",
    "recipients": "recipient publickey publickeys agekey agerecipients sshpublickey sshkey",
    "rotate_after": "rotateafterdays rotation rotationdays maxage",
    "expires": "expiry expiration expireson expiresat expirationdate validuntil enddate",
    "suspended": "disabled inactive deactivated",
    "until": "validuntil enddate end to expires expiration",
    "from": "validfrom startdate start since",
    "name": "policyname policyarn arn",
    "tags": "labels defaulttags",
    "previous_names": "oldnames oldname formernames previousname renamedfrom",
    "includes": "include extends",
    "accounts": "awsaccounts",
    "vars": "variables variable locals parameters values",
    "account_id": "awsaccountid accountnumber account",
    "id": "accountid awsaccountid accountnumber",
    "role": "rolearn rolename assumerole",
    "version": "apiversion schemaversion",
    "settings": "config configuration options",
}
"""Our keys, each with the words that CloudFormation, Terraform and AWS's API have for it, without case and marks."""
_SECRETS: Final = {"password", "passwd", "initialpassword", "secret", "secretkey", "secretaccesskey"} | {
    "awssecretaccesskey",
    "accesskeyid",
    "awsaccesskeyid",
    "pgpkey",
}
NO_SECRETS: Final = "no secret belongs in these files: iamsync makes passwords and access keys itself"
_HARMLESS = re.compile(r"-?[0-9]{1,4}(?:\.[0-9]{1,2})?[A-Za-z]?")
_LIKE_A_SECRET_KEY = re.compile(r"[A-Za-z0-9/+=]{40}")
_NO_SPACE = re.compile(r"[a-z_]+:\S")
_LONGEST_EXAMPLE: Final = 100


def unknown_key(name: str, keys: Collection[str], absent: Collection[str]) -> str:
    """The question or advice to put behind an unknown key; empty if nothing comes near."""
    plain = _plain(name)
    if plain in _SECRETS:
        ways = " or ".join(key for key in ("console: true", "access_keys: 1") if key.partition(":")[0] in keys)
        return f"; {NO_SECRETS}" + (f" (write {ways})" if ways else "")
    for key in keys:
        if plain == _plain(key) or plain in _OURS.get(key, "").split():
            return did_you_mean(name, [key]) or f'; did you mean "{key}"?'
    return did_you_mean(name, absent) or did_you_mean(name, keys)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_for_credentials(path: Path) -> bool:
    """Whether somebody may have written a secret there."""
    is_of_users = path[:1] == ("users",) or path[:3] == ("settings", "defaults", "user")
    return is_of_users and bool({"console", "access_keys"}.intersection(path[2:]))


def found_at(node: Node | None, path: Path) -> str:
    """What is there, for a message, unless it may be a secret."""
    if isinstance(node, Scalar) and _may_be_secret(node.text, path):
        return "a text that is not shown here, for it may be a secret"
    return found(node)


def _may_be_secret(text: str, path: Path) -> bool:
    if _LIKE_A_SECRET_KEY.fullmatch(text):
        return True
    is_plain = text in NULLS or text in TRUTHS or text in SWITCHES or _HARMLESS.fullmatch(text)
    is_channel = path[-1:] == ("deliver",) and text.isalpha()
    return is_for_credentials(path) and not (is_plain or is_channel)


def wrong_value(node: Node | None, path: Path, expected: str) -> str:
    """What to write instead, to put at the end of a message."""
    if isinstance(node, Scalar):
        return _of_text(node, path, expected)
    if isinstance(node, Items) and "mapping" in expected:
        return f"{_example(node, path)}{'; ' + NO_SECRETS if is_for_credentials(path) else ''}"
    return ""


def _of_text(node: Scalar, path: Path, expected: str) -> str:
    if _may_be_secret(node.text, path):
        return f"; {NO_SECRETS}"
    if node.plain and expected == "a list" and node.text.startswith("-"):
        return "; write a space after each dash: - name"
    if is_pasted(node):
        return f"; {PASTED}"
    if node.plain and node.text in NULLS and expected == "a mapping":
        return "; write {} for one without any keys"
    if node.plain and "mapping" in expected and _NO_SPACE.match(node.text):
        return "; write a space after the colon of a key"
    return "; 2012-10-17 is the Version of policy documents" if path == ("version",) and "-" in node.text else ""


PASTED: Final = "policy JSON is a text here: remove the quotes or the | before it, for JSON is YAML as well"


def is_pasted(node: Node | None) -> bool:
    """Whether a policy document is there as a text."""
    return isinstance(node, Scalar) and node.text.lstrip().startswith("{") and '"' in node.text


def _example(node: Items, path: Path) -> str:
    first = node.items[0] if node.items else None
    if path[-1] == "tags" and isinstance(first, Entries) and {key.lower() for key in first.entries} == {"key", "value"}:
        return "; AWS's list of Key and Value is a mapping here, like {Team: data}"
    example = _example_at(path)
    text = yaml.safe_dump(example, default_flow_style=True, width=10_000, sort_keys=False).strip()
    is_short = isinstance(example, dict) and len(text) <= _LONGEST_EXAMPLE
    return f" like {text}" if is_short else ""


def _example_at(path: Path) -> Any:  # noqa: ANN401 - YAML
    """The example that the language has for the value at the path, or None."""
    models, example = list(models_in(File)), None
    for step in path:
        fields = [field for model in models for name, field in fields_of(model) if step == (field.alias or name)]
        if fields:
            example = next(iter(fields[0].examples or ()), None)
        elif isinstance(example, dict | list) and example:
            example = next(iter(example.values() if isinstance(example, dict) else example))
        models = [inner for model in models for inner in inside(model, step)]
    return example


def keys_at(path: Path) -> list[str]:
    """The keys that the language knows in the mapping at `path`."""
    models = list(models_in(File))
    for step in path:
        models = [inner for model in models for inner in inside(model, step)]
    return [field.alias or name for model in models for name, field in fields_of(model)]


def fields_of(model: object) -> Iterator[tuple[str, Any]]:
    """The fields of a class of the schema by name; of a container none."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield from model.model_fields.items()


def inside(model: object, step: str | int) -> Iterator[object]:
    """What may stand at a key or index of a class or container."""
    if get_origin(model) in {dict, list}:
        yield from models_in(get_args(model)[-1])
    for name, field in fields_of(model):
        if step == (field.alias or name):
            yield from models_in(field.annotation)


def models_in(annotation: Any) -> Iterator[object]:  # noqa: ANN401 - what Python says of annotations
    """The classes and containers that an annotation stands for, without what is wrapped around them."""
    if hasattr(annotation, "__metadata__"):
        yield from models_in(get_args(annotation)[0])
    elif get_origin(annotation) is Union or isinstance(annotation, type(int | str)):
        for option in get_args(annotation):
            yield from models_in(option)
    else:
        yield annotation


def unknown_words(name: str, path: Path, present: Node | None) -> tuple[str, bool]:
    """What to say of an unknown key, and whether its name may be shown."""
    keys = keys_at(path[:-1])
    absent = [key for key in keys if not (isinstance(present, Entries) and key in present.entries)]
    hint = unknown_key(name, keys, absent)
    if not hint and (is_for_credentials(path[:-1]) or _LIKE_A_SECRET_KEY.fullmatch(name)):
        words = f"unknown key that is not shown here, for it may be a secret; expected {', '.join(keys)}"
        return f"{words}; {NO_SECRETS}", False
    return f"unknown key {shown(name)}{hint or '; expected ' + ', '.join(keys)}", True
