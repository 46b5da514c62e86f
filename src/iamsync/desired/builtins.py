"""Built-in policies as documents of the files: `{builtin: require-mfa}`, and the tree that stands for them."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Discriminator, Field, PlainValidator, WithJsonSchema

from iamsync.builtin import builtin
from iamsync.core.validate import shown
from iamsync.desired import editors
from iamsync.desired.fields import Matching, Strict, either, expected, kind
from iamsync.desired.nodes import Entries, Entry, Items, Node, Scalar

KEY: Final = "builtin"
"""The key that makes a document a built-in one."""
BUILTIN: Final = "\0builtin"
_MOST: Final = 100

_NEVER_A_SOURCE: Final = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    )
) + tuple(map(ip_network, ("fc00::/7", "fe80::/10", "::1/128")))
"""What aws:SourceIp never holds: it is the public address of the caller, and absent behind a VPC endpoint ("AWS global
condition context keys")."""


def _network(value: object) -> str:
    """A network as a text that IAM takes. What substitution may still change is left to the rules of documents."""
    if isinstance(value, str) and "{{" in value:
        return str(value)
    try:
        network = ip_network(value) if isinstance(value, str) and "/" in value else None
    except ValueError:
        network = None
    if network is None:
        expected("a network like 203.0.113.0/24 or 2001:db8::/32, without bits behind the prefix")
    if network.prefixlen == 0:
        expected("a part of the internet; this network is all of it, and would deny nothing")
    if any(_is_in(network, private) for private in _NEVER_A_SOURCE):
        expected("public addresses: AWS sees the public address of a caller, so a private network matches nobody")
    return str(value)


def _is_in(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return network.version == other.version and network.subnet_of(other)  # type: ignore[arg-type]  # of one version


Network = Annotated[str, PlainValidator(_network), WithJsonSchema({"type": "string", "pattern": editors.NETWORK})]
Vpc = Annotated[str, Matching(r"vpc-[0-9a-f]{8,17}|.*\{\{.*", "the id of a VPC, like vpc-0123456789abcdef0")]


_WITH_PARAMETERS: Final[dict[str, Any]] = {
    "if": {"properties": {"builtin": {"const": "deny-outside-network"}}},
    "then": {"required": ["networks"], "properties": {"networks": {"minItems": 1}}},
    "else": {"not": {"anyOf": [{"required": ["networks"]}, {"required": ["vpcs"]}]}},
}
"""For editors: only one of the built-in policies has parameters."""


class BuiltinEntry(Strict):
    """A document that iamsync brings along. `iamsync builtin` lists them, and `iamsync builtin require-mfa` prints one.
    With a new version of iamsync, a built-in may have a new text, which the plan shows like any other change.
    """

    model_config = ConfigDict(json_schema_extra=_WITH_PARAMETERS)

    builtin: Literal["deny-all", "deny-outside-network", "require-mfa", "self-manage-credentials"] = Field(
        description="The name of the built-in policy", examples=["require-mfa"]
    )
    networks: list[Network] = Field(
        default_factory=list,
        max_length=_MOST,
        description="For `deny-outside-network`: the public networks from which access is allowed",
        examples=[["203.0.113.0/24", "2001:db8::/32"]],
    )
    vpcs: list[Vpc] = Field(
        default_factory=list,
        max_length=_MOST,
        description="For `deny-outside-network`: VPCs through whose endpoints access is allowed, too",
        examples=[["vpc-0123456789abcdef0"]],
    )


def _kind(value: object) -> str | None:
    is_builtin = isinstance(value, BuiltinEntry) or (isinstance(value, dict) and KEY in value)
    return BUILTIN if is_builtin else kind(value)


def document_or_builtin(words: str) -> Discriminator:
    """The choice between a document, a built-in one and (where `words` name it) a file, with the words for the rest."""
    choice = either(words)
    return Discriminator(
        _kind,
        custom_error_type=choice.custom_error_type,
        custom_error_message=choice.custom_error_message,
        custom_error_context=choice.custom_error_context,
    )


def is_builtin(node: Node | None) -> bool:
    """Whether a document of the files names a built-in one."""
    return isinstance(node, Entries) and KEY in node.entries


def faults(node: Entries, entry: BuiltinEntry) -> Iterator[tuple[str, str]]:
    """Parameters that the built-in does not take, or lacks: the key, and what is wrong."""
    known = builtin(entry.builtin)
    for key in ("networks", "vpcs"):
        if key in node.entries and key not in known.parameters:
            yield key, f"{shown(entry.builtin)} takes no {key}"
        elif key in node.entries and known.parameters[key] and not _is_given(node.entries[key].value):
            yield key, "found an empty list, expected at least one"
        elif key not in node.entries and known.parameters.get(key):
            yield KEY, f"{shown(entry.builtin)} needs {key} beside it"


def tree(node: Entries, entry: BuiltinEntry) -> Entries:
    """The document as if it were written in the place of the built-in's name; parameters are where they are written."""
    place = node.entries[KEY].value
    given = {key: one.value for key, one in node.entries.items() if _is_given(one.value)}
    whole = _node(builtin(entry.builtin).document(given), place.line, place.column)
    assert isinstance(whole, Entries)  # noqa: S101 - a document is a mapping
    return whole


def _is_given(node: Node) -> bool:
    return not isinstance(node, Items) or bool(node.items)


def _node(value: Any, line: int, column: int) -> Node:  # noqa: ANN401 - JSON
    match value:
        case Scalar() | Items() | Entries():
            return value
        case dict():
            entries = {
                key: Entry(Scalar(key, plain=False, line=line, column=column), _node(one, line, column))
                for key, one in value.items()
            }
            return Entries(entries, line, column)
        case list():
            return Items([_node(one, line, column) for one in value], line, column)
        case _:
            return Scalar(str(value), plain=False, line=line, column=column)
