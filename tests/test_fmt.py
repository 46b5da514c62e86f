"""`iamsync fmt`: the same state, in canonical order and style, with every comment."""

import re
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from shell import STORY, Iamsync, write

from iamsync import desired, fmt
from iamsync.core.model import DesiredState
from iamsync.fmt.files import CannotFormat, checked

NOW = datetime(2027, 1, 15, tzinfo=UTC)
RIGHT = sorted((Path(__file__).parent / "bad_desired" / "right").glob("*.yaml"))

MESSY = """\
# yaml-language-server: $schema=x
# Who works here.

users:
    # about bob
    bob:
        tags: { Team:   data, Cost: 012 }   # for the bill
        path: /a/
        # the last of bob


    # about ann, whose name comes first
    ann:
        policies:
        # first
        - aws:ReadOnlyAccess     # looks
        -   aws:SecurityAudit
        console:    {deliver: csv,
                     password_reset_required: true}
        accounts: [ "*" ,   # everywhere
            prod ]
settings: {owner: us}
version: 1 # one
policies:
    P:
        document: p.json
        description: >-
              folded # no comment

              twice
# the end
"""
TIDY = """\
# yaml-language-server: $schema=x
# Who works here.

version: 1 # one

settings: {owner: us}

policies:
  P:
    description: >-
      folded # no comment

      twice
    document: p.json

users:
  # about ann, whose name comes first
  ann:
    policies:
      # first
      - aws:ReadOnlyAccess     # looks
      - aws:SecurityAudit
    console: {password_reset_required: true, deliver: csv}
    accounts: [
      "*",   # everywhere
      prod,
    ]

  # about bob
  bob:
    path: /a/
    tags: {Team: data, Cost: 012}   # for the bill
    # the last of bob
# the end
"""
EXAMPLES = {
    "an anchor keeps the order of its file": (
        "users:\n    b: &x {path: /b/}\n    a: *x\n",
        "users:\n  b: &x {path: /b/}\n  a: *x\n",
    ),
    "a comment behind a key stays there": (
        "users: # all\n   a: # the first\n      path: /a/\n",
        "users: # all\n  a: # the first\n    path: /a/\n",
    ),
    "a comment above a value goes above its key": (
        "users:\n  a:\n    path:\n      # why\n      /a/\n",
        "users:\n  a:\n    # why\n    path: /a/\n",
    ),
    "what a dash holds begins behind it": (
        "users:\n  a:\n    policy_sets:\n    -\n      until: 2027-03-31\n      # who\n      name: x\n",
        "users:\n  a:\n    policy_sets:\n      # who\n      - name: x\n        until: 2027-03-31\n",
    ),
    "a file in braces stays in braces": (
        "# all\n{users: {b: {}, a: {}}, version: 1}\n# end\n",
        "# all\n\n{version: 1, users: {a: {}, b: {}}}\n# end\n",
    ),
    "line ends are those of Unix": ("version: 1\r\nusers: {}\r\n", "version: 1\n\nusers: {}\n"),
    "a block keeps what it says": (
        "policies:\n     P:\n          description: |\n               one\n                 two\n          path: /\n",
        "policies:\n  P:\n    path: /\n    description: |\n      one\n        two\n",
    ),
    "a tag is not sorted": ("users: {a: {tags: {b: 1, a: 2}}}\n", "users: {a: {tags: {b: 1, a: 2}}}\n"),
    "an account is not sorted": ("accounts: {b: {}, a: {}}\n", "accounts: {b: {}, a: {}}\n"),
    "a mark of a second document goes": ("---\n# x\nversion: 1\n...\n", "# x\nversion: 1\n"),
    "a quoted name is sorted by what it says": ('users: {"b": {}, a: {}}\n', 'users: {a: {}, "b": {}}\n'),
    "an empty value stays empty": ("users:\n  a:\n  # none\n\n", "users:\n  a:\n  # none\n"),
}


def test_a_messy_file_becomes_tidy_and_every_comment_stays_with_what_it_is_about() -> None:
    assert checked(MESSY, "") == TIDY
    assert checked(TIDY, "") == TIDY


@pytest.mark.parametrize(("before", "after"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_how_it_is_written(before: str, after: str) -> None:
    assert checked(before, "") == after
    assert checked(after, "") == after


@pytest.mark.parametrize("file", RIGHT, ids=lambda file: file.stem)
def test_what_only_looks_wrong_is_formatted_and_formatting_again_changes_nothing(file: Path) -> None:
    once = checked(file.read_bytes().decode("utf-8-sig"), "")
    assert checked(once, "") == once


def test_brackets_are_on_one_line_if_they_fit_into_it_and_else_one_entry_a_line() -> None:
    names = [f"aws:Policy{number:02}" for number in range(9)]
    short, long = ", ".join(names[:6]), ", ".join(names)
    whole = "".join(f"      {name},\n" for name in names)

    assert checked(f"users:\n  a:\n    policies: [\n{short}]\n", "").endswith(f"    policies: [{short}]\n")
    assert checked(f"users:\n  a:\n    policies: [{long}]\n", "").endswith(f"    policies: [\n{whole}    ]\n")


# What is written at random: the same values in many ways, with a comment wherever one may be.

DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "'*'", "Action": "'s3:*'"}]}
TEXTS = some.sampled_from(
    ["x", '"x y"', "'it''s'", "012", "no", "1e3", "a-b", "|\n x\n  y\n", ">-\n x\n\n y\n", "x\n y"]
)
Value = str | list["Value"] | dict[str, "Value"]
users = some.dictionaries(
    some.sampled_from(["ann", "Bob", '"cat"', "dan.x", "eve"]),
    some.fixed_dictionaries(
        {},
        optional={
            "accounts": some.lists(some.sampled_from(['"*"', "'*'"]), min_size=1, max_size=3),
            "expires": some.sampled_from(["2027-03-31", "2027-03-31 18:00:00+02:00"]),
            "tags": some.dictionaries(
                some.sampled_from(["B", "a", "'c'"]), some.sampled_from(["x", "012", "'no'", '"x y"'])
            ),
            "policies": some.lists(some.sampled_from(["aws:ReadOnlyAccess", "P"]), unique=True),
            "policy_sets": some.lists(
                some.fixed_dictionaries({"until": some.just("2027-03-31"), "name": some.just("s")}), max_size=1
            ),
            "inline_policies": some.just({"i": DOCUMENT}),
            "path": some.sampled_from(["/a/", '"/b/"']),
            "console": some.just({"deliver": "csv", "password_reset_required": "false"}),
        },
    ),
)
files = some.fixed_dictionaries(
    {
        "users": users,
        "policies": some.fixed_dictionaries(
            {"P": some.fixed_dictionaries({"document": some.just(DOCUMENT), "description": TEXTS})}
        ),
        "settings": some.just({"owner": "us"}),
        "policy_sets": some.just({"s": {"policies": ["P"]}}),
        "version": some.just("1"),
    }
)


class Writer:
    """Writes values in a way that is thrown with dice, and counts its comments."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)  # noqa: S311 - no secret
        self.comments = 0

    def _is(self, often: int = 4) -> bool:
        return self._dice.randint(0, often) == 0

    def _comment(self) -> str:
        self.comments += 1
        return f"# note {self.comments} of: [a, 'b"

    def _above(self, column: int) -> Iterator[str]:
        while self._is():
            yield " " * self._dice.randint(0, column + 4) + self._comment()
            if self._is():
                yield ""

    def _behind(self) -> str:
        return f"{' ' * self._dice.randint(1, 3)}{self._comment()}" if self._is(6) else ""

    def flow(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        parts = [one if isinstance(one, str) else self.flow(one) for one in self._pairs(value)]
        opening, closing = "[]" if isinstance(value, list) else "{}"
        last = len(parts) - 1
        whole = "".join(part + self._gap(is_last=number == last) for number, part in enumerate(parts))
        return opening + whole + closing

    def _gap(self, *, is_last: bool) -> str:
        comma = "" if is_last else ","
        return f"{comma} {self._comment()}\n        " if self._is() else f"{comma} "

    def _pairs(self, value: Value) -> Iterator[Value]:
        assert not isinstance(value, str)
        yield from value if isinstance(value, list) else [f"{key}: {self.flow(one)}" for key, one in value.items()]

    def lines(self, value: Value, column: int) -> Iterator[str]:
        assert not isinstance(value, str)
        entries = [("-", one) for one in value] if isinstance(value, list) else [(f"{k}:", v) for k, v in value.items()]
        for start, inner in entries:
            yield from self._above(column)
            begin = " " * column + start
            step = self._dice.randint(1, 5)
            if isinstance(inner, str):
                yield from self._scalar(begin, inner, column + step)
            elif not inner or (self._is(2) and not re.search(r"[|>]", str(inner))):
                yield f"{begin} {self.flow(inner)}{self._behind()}"
            else:
                yield begin + self._behind()
                yield from self.lines(inner, column + step)
        if self._is():
            yield " " * self._dice.randint(0, column) + self._comment()

    def _scalar(self, begin: str, text: str, column: int) -> Iterator[str]:
        first, *rest = text.split("\n")
        yield f"{begin} {first}{'' if rest and first[0] not in '|>' else self._behind()}"
        yield from (" " * column + line[1:] if line else "" for line in rest)


@settings(max_examples=150)
@given(
    value=files,
    order=some.permutations(["users", "policies", "settings", "policy_sets", "version"]),
    seed=some.integers(0, 10**9),
)
def test_formatting_changes_no_state_keeps_every_comment_and_is_idempotent(
    value: dict[str, Value], order: list[str], seed: int
) -> None:
    writer = Writer(seed)
    text = "\n".join(writer.lines({name: value[name] for name in order}, 0)) + "\n"
    with TemporaryDirectory() as name:
        root = Path(name)
        file = root / "a.yaml"
        file.write_text(text)
        before = state(root)

        for rewrite in fmt.rewrites(root):
            fmt.write(rewrite, root)

        after = file.read_text()
        assert state(root) == before
        assert list(fmt.rewrites(root)) == []
        assert Counter(re.findall(r"# note \d+ of: \[a, 'b$", after, re.MULTILINE)) == Counter(
            f"# note {number} of: [a, 'b" for number in range(1, writer.comments + 1)
        )


def state(root: Path) -> DesiredState:
    declaration = desired.load(root)
    return declaration.state(declaration.offline_account, NOW)


# The command.

WRONG_ORDER = 'users:\n  aiko: {}\nsettings: {owner: us, account_id: "123456789012"}\nversion: 1\n'


def test_files_are_replaced_with_the_mode_they_had_and_nothing_is_left_behind(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WRONG_ORDER)
    file = tmp_path / "desired" / "all.yaml"
    file.chmod(0o640)

    ended = iamsync("fmt")

    assert (ended.code, ended.out) == (0, "desired/all.yaml\n")
    assert file.read_text().startswith("version: 1\n\nsettings:")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [one.name for one in file.parent.iterdir()] == ["all.yaml"]
    assert iamsync("fmt").out == ""


def test_check_lists_what_would_change_and_changes_nothing(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WRONG_ORDER, tidy="groups: {}\n")

    ended = iamsync("fmt", "--check")

    assert (ended.code, ended.out) == (1, "desired/all.yaml\n")
    assert (tmp_path / "desired" / "all.yaml").read_text() == WRONG_ORDER
    assert iamsync("fmt").code == 0
    assert iamsync("fmt", "--check").code == 0


def test_a_folder_that_is_not_valid_is_refused_and_nothing_is_written(iamsync: Iamsync, tmp_path: Path) -> None:
    write(tmp_path, all=WRONG_ORDER, wrong="users: {bob: {polices: []}}\n")

    ended = iamsync("fmt")

    assert ended.code == 1
    assert 'did you mean "policies"' in ended.err
    assert (tmp_path / "desired" / "all.yaml").read_text() == WRONG_ORDER


def test_what_would_say_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (lambda text: text.replace("us", "them"), lambda text: text.replace("# why", ""), lambda _: "a: ["):
        monkeypatch.setattr("iamsync.fmt.files.formatted", wrong)
        with pytest.raises(CannotFormat, match=r"a\.yaml: cannot be put into canonical form"):
            checked("settings: {owner: us}  # why\n", "a.yaml")


def test_a_file_that_somebody_changes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, all=WRONG_ORDER)
    root = tmp_path / "desired"
    (rewrite,) = fmt.rewrites(root)
    (root / "all.yaml").write_text("version: 1\n")

    with pytest.raises(CannotFormat, match="has changed while it was read"):
        fmt.write(rewrite, root)
    assert (root / "all.yaml").read_text() == "version: 1\n"


def test_the_example_is_in_canonical_form(iamsync: Iamsync) -> None:
    assert iamsync("fmt", "--check", "--desired", str(STORY)).code == 0
