"""Compares iamsync.core.access with iam-simulate on random cases: `python bench/oracle/compare.py [count] [seed]`.

Every disagreement is made as small as it goes and put into one of the classes below; README.md says of each class who
is right, and why. What fits into none is printed, and the exit code is 1.
"""

# ruff: noqa: INP001 - scripts, not a package
# ruff: noqa: T201 - what it prints is what it is for
# ruff: noqa: S311 - chance, not secrets
# ruff: noqa: PLR2004 - numbers of colons

import copy
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from cases import Case, case

from iamsync.core.access import Context, Policies, Request, Source, decision
from iamsync.core.document import Document

HERE: Final = Path(__file__).parent
UNEXPLAINED: Final = "UNEXPLAINED"


class Oracle:
    """A running iam-simulate."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None or not (HERE / "node_modules").is_dir():
            sys.exit("needs node and its packages: npm ci --prefix bench/oracle")
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [node, str(HERE / "answers.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def answer(self, one: Case) -> str:
        """What it says to a case."""
        assert self._process.stdin is not None  # noqa: S101 - for mypy
        assert self._process.stdout is not None  # noqa: S101 - for mypy
        self._process.stdin.write(json.dumps(one) + "\n")
        self._process.stdin.flush()
        return str(json.loads(self._process.stdout.readline()))

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()


def our_answer(one: Case) -> str:
    """What iamsync says to a case. All of its context is known."""
    policies = Policies(
        identity=tuple(_source(document) for document in one["identity"]),
        boundary=_source(one["boundary"]) if one["boundary"] else None,
    )
    context = Context.of(one["context"], closed=[""])
    return decision(policies, Request(action=one["action"], resource=one["resource"], context=context)).verdict.value


def _source(document: Case) -> Source:
    return Source(label="", document=Document.parse(document))


def smallest(one: Case, differs: Callable[[Case], bool]) -> Case:
    """`one` without all that can be left out of it as long as the two disagree."""
    for smaller in _smaller(one):
        if differs(smaller):
            return smallest(smaller, differs)
    return one


def _smaller(one: Case) -> Iterator[Case]:
    if one["boundary"]:
        yield {**one, "boundary": None}
        yield {**one, "identity": [one["boundary"]], "boundary": None}
    for index in range(len(one["identity"]) if len(one["identity"]) > 1 else 0):
        yield {**one, "identity": one["identity"][:index] + one["identity"][index + 1 :]}
    for key in one["context"]:
        yield {**one, "context": {name: value for name, value in one["context"].items() if name != key}}
    for path in _paths(one["identity"]):
        smaller = copy.deepcopy(one)
        place = smaller["identity"]
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        yield smaller


def _paths(identity: list[Case]) -> Iterator[list[str | int]]:
    """What can be left out of documents: statements, conditions, all entries of a list but one."""
    for number, document in enumerate(identity):
        for index, statement in enumerate(document["Statement"]):
            here: list[str | int] = [number, "Statement", index]
            if len(document["Statement"]) > 1:
                yield here
            for operator, keys in statement.get("Condition", {}).items():
                yield [*here, "Condition", operator]
                for key, texts in keys.items():
                    if len(keys) > 1:
                        yield [*here, "Condition", operator, key]
                    yield from (
                        [*here, "Condition", operator, key, at] for at in range(len(texts) if len(texts) > 1 else 0)
                    )
            for element in ("Action", "NotAction", "Resource", "NotResource"):
                texts = statement.get(element, ())
                yield from ([*here, element, at] for at in range(len(texts) if len(texts) > 1 else 0))


def run(count: int, seed: int) -> tuple[Counter[str], Counter[str], dict[str, Case]]:
    """Verdicts of the oracle, classes of disagreement, and an example of each class."""
    oracle, chance = Oracle(), random.Random(seed)
    verdicts: Counter[str] = Counter()
    found: Counter[str] = Counter()
    examples: dict[str, Case] = {}
    try:
        for _ in range(count):
            one = case(chance)
            theirs = oracle.answer(one)
            verdicts[theirs] += 1
            if our_answer(one) == theirs:
                verdicts["agreed"] += 1
                continue
            small = smallest(one, lambda smaller: our_answer(smaller) != oracle.answer(smaller))
            name = class_of(small) or UNEXPLAINED
            found[name] += 1
            examples.setdefault(name, {**small, "ours": our_answer(small), "theirs": oracle.answer(small)})
    finally:
        oracle.stop()
    return verdicts, found, examples


def class_of(small: Case) -> str | None:
    """The first class that fits a smallest case, or None."""
    return next((name for name, fits in CLASSES.items() if any(fits(*one) for one in _views(small))), None)


View = tuple[Case, str, Case, Case]


def _views(small: Case) -> Iterator[View]:
    """Of each statement: itself, the version, its texts by operator and folded key, the context by folded key."""
    context = {key.lower(): value for key, value in small["context"].items()}
    for document in small["identity"] + ([small["boundary"]] if small["boundary"] else []):
        for statement in document["Statement"]:
            conditions = {
                (operator, key.lower()): texts
                for operator, keys in statement.get("Condition", {}).items()
                for key, texts in keys.items()
            }
            yield statement, document["Version"], conditions, context


def _entries(statement: Case, *elements: str) -> list[str]:
    return [text for element in elements for text in statement.get(element, ())]


def _has_void_variable(texts: list[str], context: Case) -> bool:
    names = [part.partition("}")[0].lower() for text in texts for part in text.split("${")[1:]]
    return any(name not in context and name not in {"*", "?", "$"} and "," not in name for name in names)


def _set_without_quantifier(_: Case, __: str, conditions: Case, context: Case) -> bool:
    return any(
        isinstance(context.get(key), list) and not operator.startswith("For") and operator != "Null"
        for operator, key in conditions
    )


CLASSES: Final[dict[str, Callable[[Case, str, Case, Case], bool]]] = {
    "old-version": lambda statement, version, conditions, _: (
        version == "2008-10-17"
        and any(
            "${" in text for text in [*_entries(statement, "Resource", "NotResource"), *chain(*conditions.values())]
        )
    ),
    "short-arn": lambda statement, _, __, ___: any(
        text.startswith("arn:") and text.count(":") < 5 for text in _entries(statement, "NotResource")
    ),
    "service-case": lambda statement, _, __, ___: any(
        ":S3:" in text for text in _entries(statement, "Resource", "NotResource")
    ),
    "colons": lambda statement, _, __, ___: (
        "arn:aws:logs:us-east-1:*:log-stream:1" in _entries(statement, "Resource", "NotResource")
    ),
    "void-in-NotResource": lambda statement, _, __, context: _has_void_variable(
        _entries(statement, "NotResource"), context
    ),
    "variable-first": lambda statement, _, __, ___: any(
        text.rpartition(":${")[0].count(":") == 4 for text in _entries(statement, "Resource", "NotResource")
    ),
    "set-without-quantifier": _set_without_quantifier,
    "any-if-exists": lambda _, __, conditions, context: any(
        operator.startswith("ForAnyValue:") and operator.endswith("IfExists") and key not in context
        for operator, key in conditions
    ),
    "empty-text": lambda _, __, conditions, context: any(
        operator.startswith("For") and context.get(key) in ("", [""]) for operator, key in conditions
    ),
    "escapes": lambda _, __, conditions, ___: any(
        "${*}" in text and "Like" not in operator for (operator, _), texts in conditions.items() for text in texts
    ),
    "short-arn-in-condition": lambda _, __, conditions, ___: any(
        "Arn" in operator and text.count(":") < 5 for (operator, _), texts in conditions.items() for text in texts
    ),
    "void-negated": lambda _, __, conditions, context: any(
        "Not" in operator and _has_void_variable(texts, context) for (operator, _), texts in conditions.items()
    ),
    "all-addresses": lambda _, __, conditions, ___: any(
        "Ip" in operator and "0.0.0.0/0" in texts for (operator, _), texts in conditions.items()
    ),
    "address-of-the-other-kind": lambda _, __, conditions, ___: any(
        "NotIpAddress" in operator and any("/" not in text for text in texts)
        for (operator, _), texts in conditions.items()
    ),
    "epoch": lambda _, __, conditions, ___: any(
        "Date" in operator and "1767225600" in texts for (operator, _), texts in conditions.items()
    ),
}
"""README.md has a row for each."""


def main(count: int = 6000, seed: int = 1) -> int:
    """Run and report."""
    verdicts, found, examples = run(count, seed)
    print(f"{count} cases of seed {seed}: {', '.join(f'{number} {name}' for name, number in sorted(verdicts.items()))}")
    for name, number in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        print(f"{number:6} {name}: for example {json.dumps(examples[name])}")
    return 1 if UNEXPLAINED in found else 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
