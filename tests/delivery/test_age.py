import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openers import Pair, age_pair, ssh_pair

from iamsync.delivery.age import recipient, seal
from iamsync.delivery.recipients import private_key_in
from iamsync.errors import DeliveryError

PAIRS = [age_pair(), ssh_pair("ed25519"), ssh_pair("rsa")]


@pytest.mark.parametrize("pair", PAIRS, ids=["age", "ssh-ed25519", "ssh-rsa"])
def test_only_the_recipient_opens_what_is_sealed(pair: Pair) -> None:
    content = seal(b"the secret of aiko", [recipient(pair.public)])

    assert pair.opens(content) == "the secret of aiko"
    assert content.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert b"secret" not in content
    for other in [*(one for one in PAIRS if one is not pair), age_pair()]:
        with pytest.raises(pyrage.DecryptError):
            other.opens(content)


def test_each_of_several_recipients_opens_it() -> None:
    content = seal(b"for all", [recipient(pair.public) for pair in PAIRS])

    assert {pair.opens(content) for pair in PAIRS} == {"for all"}


@given(st.binary(max_size=4096))
def test_what_is_sealed_comes_out_as_it_went_in(content: bytes) -> None:
    assert pyrage.decrypt(
        seal(content, [recipient(PAIRS[0].public)]), [pyrage.x25519.Identity.from_str(PAIRS[0].private)]
    ) == (content)


def test_comments_spaces_and_case_do_not_change_the_fingerprint() -> None:
    age, ssh = PAIRS[0].public, PAIRS[1].public
    bare = " ".join(ssh.split()[:2])

    assert recipient(f"  {age}\n") == recipient(age) == recipient(age.upper())
    assert recipient(ssh) == recipient(f"{bare}   another comment ") == recipient(bare)
    assert len({recipient(pair.public).fingerprint for pair in PAIRS}) == 3


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_the_fingerprint_of_an_ssh_key_is_that_of_ssh_keygen(kind: str, tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(ssh_pair(kind).public + "\n")
    command = ["ssh-keygen", "-l", "-f", "key.pub"]
    shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60).stdout

    assert shown.split()[1] == recipient(ssh_pair(kind).public).fingerprint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected an age recipient (age1...)"),
        ("aiko@example.com", "expected an age recipient (age1...)"),
        ("age1xyz", "found a damaged public key"),
        (PAIRS[0].public[:-1], "found a damaged public key"),
        ("ssh-ed25519", "found a damaged public key"),
        ("ssh-ed25519 AAAA", "found a damaged public key"),
        ("ssh-ed25519 ????", "found a damaged SSH key"),
        (ssh_pair("rsa", 1024).public, "found an RSA key of fewer than 2,048 bits"),
        ("ecdsa-sha2-nistp256 AAAA", "found an SSH key of type ecdsa-sha2-nistp256, which age cannot seal for"),
        ("sk-ssh-ed25519@openssh.com AAAA", "found an SSH key of type sk-ssh-ed25519@openssh.com"),
        ("ssh-dss AAAA", "found an SSH key of type ssh-dss"),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc", "found an OpenPGP key"),
    ],
    ids=range(12),
)
def test_what_is_no_recipient_is_refused(text: str, message: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        recipient(text)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        age_pair().private,
        age_pair().private.lower(),
        ssh_pair("ed25519").private,
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
        "AGE-PLUGIN-YUBIKEY-1QQPQZZZZZZZZZZZZZZ",
        "PuTTY-User-Key-File-3: ssh-ed25519",
    ],
    ids=range(10),
)
def test_a_private_key_is_recognized(text: str) -> None:
    assert private_key_in(f"users:\n  aiko: {text}") == 15


@pytest.mark.parametrize(
    "text", [*(pair.public for pair in PAIRS), "AGE-SECRET-KEY-1...", "a PRIVATE KEY", ""], ids=range(6)
)
def test_what_is_no_private_key_is_not_taken_for_one(text: str) -> None:
    assert private_key_in(text) is None
