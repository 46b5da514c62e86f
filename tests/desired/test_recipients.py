"""Recipients: public keys in the YAML or in files beside it, and private keys that are never repeated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openers import PRIVATE, age_pair, ssh_pair

from iamsync.cli import main
from iamsync.core.arn import Account
from iamsync.core.model import Problem, User
from iamsync.delivery.age import recipient
from iamsync.desired import load
from iamsync.errors import DesiredStateError

ACCOUNT = Account(id="123456789012", partition="aws")
START = "version: 1\nsettings: {owner: us}\n"
AGE, SSH = age_pair().public, ssh_pair().public


def aiko(root: Path, yaml: str, start: str = START) -> User:
    (root / "all.yaml").write_text(f"{start}users:\n  aiko: {yaml}\n")
    return load(root).state(ACCOUNT, datetime(2027, 1, 15, tzinfo=UTC)).users["aiko"]


def problems(root: Path, yaml: str, start: str = START) -> tuple[Problem, ...]:
    with pytest.raises(DesiredStateError) as refused:
        aiko(root, yaml, start)
    return refused.value.problems


def keys(user: User) -> tuple[set[str], set[str]]:
    assert user.console is not None
    assert user.access_keys is not None
    return {one.key for one in user.console.recipients}, {one.key for one in user.access_keys.recipients}


def test_recipients_are_keys_and_files_of_keys(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "aiko.pub").write_text(f"{SSH}\n")
    other = age_pair().public
    (tmp_path / "aiko.txt").write_text(f"# the laptop of Aiko\n\n{AGE}\n{other}\n")

    user = aiko(
        tmp_path,
        f"{{deliver: age, console: true, access_keys: 1, recipients: [aiko.txt, keys/aiko.pub, {AGE.upper()}]}}",
    )

    expected = {recipient(one).key for one in (AGE, SSH, other)}
    assert keys(user) == (expected, expected)


def test_only_a_channel_that_seals_has_recipients(tmp_path: Path) -> None:
    user = aiko(tmp_path, f"{{console: {{deliver: age}}, access_keys: 1, recipients: ['{SSH}']}}")

    assert keys(user) == ({recipient(SSH).key}, set())


@pytest.mark.parametrize(
    ("yaml", "settings", "where", "message"),
    [
        ("{console: {deliver: age}}", "", "4:19: users.aiko.console:", "by age needs the public keys of the user"),
        ("{deliver: age, access_keys: 1}", "", "4:37: users.aiko.access_keys:", "write recipients: [age1...]"),
        ("{access_keys: {count: 2}}", ", delivery: age", "4:23: users.aiko.access_keys:", "needs the public keys"),
        ("{recipients: [hello]}", "", "4:23: users.aiko.recipients[0]:", 'found "hello", expected an age recipient'),
        ("{recipients: [AGE, age1xyz]}", "", "4:87: users.aiko.recipients[1]:", "found a damaged public key"),
        ("{recipients: AGE}", "", "4:22: users.aiko.recipients:", "expected a list"),
        ("{recipients: [aiko.pub]}", "", "4:23: users.aiko.recipients[0]:", "aiko.pub: no such file"),
        ("{recipients: [/etc/aiko.pub]}", "", "4:23: users.aiko.recipients[0]:", "expected a path from the folder"),
        ("{recipients: [../aiko.pub]}", "", "4:23: users.aiko.recipients[0]:", "leads out of the folder"),
        ("{recipients: [empty.txt]}", "", "empty.txt:1:1:", "no public key is in this file"),
        ("{recipients: [bad.txt]}", "", "bad.txt:3:1:", 'found "what", expected an age recipient'),
        ("{recipients: [pgp.pub]}", "", "pgp.pub:1:1:", "found an OpenPGP key"),
    ],
)
def test_what_cannot_be_sealed_is_reported_at_its_place(
    tmp_path: Path, yaml: str, settings: str, where: str, message: str
) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "bad.txt").write_text(f"{AGE}\n\nwhat\n")
    (tmp_path / "pgp.pub").write_text(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQGN\n-----END PGP PUBLIC KEY BLOCK-----\n"
    )

    (problem,) = problems(tmp_path, yaml.replace("AGE", AGE), f"version: 1\nsettings: {{owner: us{settings}}}\n")

    assert str(problem).startswith(f"{tmp_path}/{f'all.yaml:{where}' if where.startswith('4:') else where}")
    assert message in problem.message


def test_there_are_at_most_four(tmp_path: Path) -> None:
    five = ", ".join(age_pair().public for _ in range(5))

    (problem,) = problems(tmp_path, f"{{recipients: [{five}]}}")

    assert problem.message == "found 5 recipients, expected at most 4"


def test_recipients_that_nothing_is_sealed_for_are_reported(tmp_path: Path) -> None:
    aiko(tmp_path, f"{{console: true, recipients: [{AGE}]}}")

    (warning,) = load(tmp_path).warnings

    assert (warning.path, warning.warning) == ("users.aiko.recipients", True)
    assert "nothing is sealed for them" in warning.message


SECRETS = {
    "age": age_pair().private,
    "ssh": ssh_pair().private,
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0\n-----END RSA PRIVATE KEY-----\n",
    "pgp": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQVYBGsHDwoBDADEF7cy5u\n-----END PGP PRIVATE KEY BLOCK-----\n",
}
PLACES = {
    "in a list": "users: {aiko: {recipients: [%s]}}",
    "in quotes": 'users: {aiko: {recipients: ["%s"]}}',
    "not in a list": "users: {aiko: {recipients: %s}}",
    "as a block": "users:\n  aiko:\n    recipients:\n      - |\n        %s\n",
    "as a key": "users: {aiko: {recipients: [], %s: true}}",
    "as a name": "users: {%s: {}}",
    "as a policy": "users: {aiko: {policies: [%s]}}",
    "in a comment": "users: {aiko: {}}  # %s",
    "in no YAML": "users: {aiko: [%s",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_private_key_anywhere_is_an_alarm_and_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, secret: str
) -> None:
    text = place % (secret.replace("\n", "\n        ") if "|" in place else secret)
    (tmp_path / "all.yaml").write_text(f"{START}{text}")

    for form in ("text", "json", "github"):
        code = main(["validate", "--desired", str(tmp_path), "--format", form])
        said = capsys.readouterr()
        assert code == 1
        assert "A PRIVATE KEY IS HERE" in said.out + said.err
        for part in secret.split():
            assert len(part) < 12 or part not in said.out + said.err


def test_a_private_key_in_the_file_beside_it_is_an_alarm_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "aiko.pub").write_text(f"{SSH}\n{PRIVATE}")

    (problem,) = problems(tmp_path, "{recipients: [aiko.pub]}")

    assert (problem.origin.line, problem.origin.file) == (2, str(tmp_path / "aiko.pub"))
    assert "A PRIVATE KEY IS HERE" in problem.message
    assert "b3BlbnNzaC1rZXktdjEAAAAA" not in problem.message
