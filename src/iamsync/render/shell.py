"""A plan as a POSIX shell script of the AWS CLI: the exact calls, in their order.

Every parameter is an option, with its value in single quotes where the shell needs them; lists are JSON. A call with a
text that the AWS CLI or a terminal would take for something else is given as one JSON text in ASCII instead
(`--cli-input-json`): a value that begins with `-`, `file://` or `https://`, or has a control character.
A secret is a variable that must be set, or the script ends before its first call.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from iamsync.core.action import Action
from iamsync.core.api import Param, Secret
from iamsync.core.change import CreateAccessKey
from iamsync.core.inert import inert_json, visible
from iamsync.render.actions import count, reason, summary
from iamsync.render.line import Line, line
from iamsync.render.shown import Shown
from iamsync.render.snapshot import snapshot_words
from iamsync.render.text import left_out_words

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_READ_BY_THE_CLI = re.compile(r"-|(?:file|fileb|https?)://", re.IGNORECASE)
"""How a value begins that the AWS CLI takes for an option, or reads from a file or the network instead."""
_PASSWORD = "the new password of this user"  # noqa: S105 - what is said of it
_ACCESS_KEY = "a new file for the answer, which holds the secret of the access key"


def shell_lines(shown: Shown) -> Iterator[Line]:
    """The script; where the plan is refused, one that only says so."""
    plan = shown.plan
    yield line("#!/bin/sh")
    yield line(f"# The plan of iamsync for account {plan.account.id}: {count(len(plan.actions), 'call')}.")
    yield line(f"# Digest {plan.digest}.")
    if shown.snapshot:
        yield from (line(f"# {words}") for words in snapshot_words(shown.snapshot))
    if shown.refusals:
        yield from (line(f"# refused: {refusal}") for refusal in shown.refusals)
        yield line("echo 'this plan is refused: nothing is done' >&2; exit 3")
        return
    yield line("# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.")
    for held in plan.held_back:
        yield line(f"# held back: {held.subject} {held.text}")
    if plan.left_out:
        yield line(f"# {left_out_words(plan)}")
    yield from _beginning(plan.account.id, plan.actions)
    for number, action in enumerate(plan.actions):
        yield line()
        yield line(f"# {action.subject}: {summary(action)} ({reason(action)})")
        if action.window is not None:
            yield line("# opens a temporary window: see the plan")
        # An id as `apply` draws one for each run; the same plan has the same.
        yield line(_call(action.in_run(plan.digest[:8]), number))


def _beginning(account: str, actions: Sequence[Action]) -> Iterator[Line]:
    """What must be so before the first call: secrets have a place, and the account is the plan's."""
    yield line("set -euC")
    yield line("umask 077")
    yield line("export AWS_PAGER=''")
    for number, action in enumerate(actions):
        if action.secret is not None:
            yield line(f": {_placeholder(action, number)}")
    yield line("account=$(aws sts get-caller-identity --query Account --output text)")
    yield line(f"""[ "$account" = {account} ] || {{ echo 'these calls are for account {account}' >&2; exit 1; }}""")


def _placeholder(action: Action, number: int) -> str:
    """The variable of a secret, which ends the script where it is not set."""
    if isinstance(action.change, CreateAccessKey):
        return f'"${{ACCESS_KEY_{number}:?set it to {_ACCESS_KEY}}}"'
    return f'"${{PASSWORD_{number}:?set it to {_PASSWORD}}}"'


def _call(action: Action, number: int) -> str:
    params = {name: value for name, value in action.params.items() if not isinstance(value, Secret)}
    texts = [value for value in params.values() if isinstance(value, str)]
    is_plain = all(one.isascii() and visible(one) == one and not _READ_BY_THE_CLI.match(one) for one in texts)
    words = ["aws", "iam", action.operation.replace("_", "-")]
    words += _options(params) if is_plain else ["--cli-input-json", shlex.quote(inert_json(params))]
    for name, value in action.params.items():
        if value is Secret.PASSWORD:
            words += [_option(name), _placeholder(action, number)]
    if isinstance(action.change, CreateAccessKey):
        words += [">", _placeholder(action, number)]
    return " ".join(words)


def _options(params: Mapping[str, Param]) -> Iterator[str]:
    for name, value in params.items():
        match value:
            case bool():
                yield _option(name) if value else f"--no-{_option(name)[2:]}"
            case str():
                yield f"{_option(name)} {shlex.quote(value)}"
            case _:
                yield f"{_option(name)} {shlex.quote(inert_json(value))}"


def _option(name: str) -> str:
    """`SSHPublicKeyId` -> `--ssh-public-key-id`, as the AWS CLI spells it."""
    return f"--{_WORDS.sub('-', name).lower()}"
