"""Only commits that an allowed signer has signed are used."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from forge import Forge, Sources, allow, new_key

from iamsync.daemon.git.commit import Commit, parsed, read_commit
from iamsync.daemon.git.program import Bounds
from iamsync.daemon.git.refusal import CommitRefused
from iamsync.daemon.git.signature import refuse_unsigned
from iamsync.daemon.git.source import Conditions
from iamsync.errors import SourceError


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return new_key(tmp_path / "key")


@pytest.fixture
def signed(forge: Forge, key: Path) -> Commit:
    """A commit that the key has signed."""
    return read_commit(forge.bare, forge.commit("aiko", key=key), Bounds())


def why(commit: Commit, allowed: Path) -> str:
    """Why it is refused; empty if it is not."""
    try:
        refuse_unsigned(commit, allowed)
    except CommitRefused as refusal:
        return refusal.why
    return ""


def test_a_commit_of_an_allowed_signer_is_taken_and_no_other(signed: Commit, key: Path, tmp_path: Path) -> None:
    other = new_key(tmp_path / "other")

    assert why(signed, allow(tmp_path / "allowed", key)) == ""
    assert why(signed, allow(tmp_path / "allowed", other, key)) == ""
    not_allowed = f"commit {signed.id} is signed with a key that {tmp_path}/allowed does not allow"
    assert not_allowed in why(signed, allow(tmp_path / "allowed", other))
    assert not_allowed in why(signed, allow(tmp_path / "allowed", key, options='namespaces="file"'))
    assert not_allowed in why(signed, allow(tmp_path / "allowed", key, options='valid-before="20200101"'))
    assert not_allowed in why(signed, allow(tmp_path / "allowed"))
    assert why(signed, allow(tmp_path / "allowed", key, options='valid-after="20200101"')) == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one._replace(payload=one.payload + b"and more\n"),
        lambda one: one._replace(payload=one.payload.replace(b"tree ", b"tree 0", 1)),
        lambda one: one._replace(
            signature=one.signature.replace(one.signature[-80:-40], one.signature[-80:-40].swapcase())
        ),
        lambda one: one._replace(signature=b"-----BEGIN SSH SIGNATURE-----\n"),
    ],
    ids=["message", "tree", "signature", "cut short"],
)
def test_what_was_changed_after_it_was_signed_is_refused(
    signed: Commit, key: Path, tmp_path: Path, change: Callable[[Commit], Commit]
) -> None:
    assert "is signed with a key that" in why(change(signed), allow(tmp_path / "allowed", key))


def test_no_signature_and_one_of_another_kind_have_sentences(forge: Forge, key: Path, tmp_path: Path) -> None:
    allowed = allow(tmp_path / "allowed", key)
    bare = read_commit(forge.bare, forge.commit("aiko"), Bounds())
    pgp = parsed("1" * 40, b"tree x\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\nx\n")

    assert why(bare, allowed) == f"commit {bare.id} is not signed; sign it with a key of {allowed}"
    assert "is not signed with an SSH key, and no other signature is accepted" in why(pgp, allowed)


def test_a_signature_in_the_message_is_none(signed: Commit) -> None:
    block = b"\n ".join(signed.signature.splitlines())

    commit = parsed("1" * 40, signed.payload + b"\ngpgsig " + block + b"\n")

    assert commit.signature == b""


def test_both_signatures_of_a_commit_are_no_part_of_what_was_signed() -> None:
    head = b"tree x\ngpgsig -----BEGIN\n b\ncommitter x <x@y> 86400 +0200\ngpgsig-sha256 c\n d\nencoding e"

    commit = parsed("1" * 40, head + b"\n\nm\n\nn")

    assert commit.payload == b"tree x\ncommitter x <x@y> 86400 +0200\nencoding e\n\nm\n\nn"
    assert f"{commit.committed:%Y-%m-%d %H:%M %Z}" == "1970-01-02 00:00 UTC"


def test_a_signature_by_a_certificate_is_judged_by_its_authority(forge: Forge, key: Path, tmp_path: Path) -> None:
    authority = new_key(tmp_path / "ca")
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "x", "-n", "who@example.org", f"{key}.pub"]
    subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "key.pub").unlink()
    (tmp_path / "key-cert.pub").rename(tmp_path / "key.pub")
    commit = read_commit(forge.bare, forge.commit("aiko", key=tmp_path / "key.pub"), Bounds())

    assert why(commit, allow(tmp_path / "allowed", authority, options='cert-authority,namespaces="git"')) == ""
    assert why(commit, allow(tmp_path / "allowed", new_key(tmp_path / "other"), options="cert-authority")) != ""


def test_without_the_file_nothing_can_be_verified(signed: Commit, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="allowed cannot be read, so no commit can be verified"):
        refuse_unsigned(signed, tmp_path / "allowed")


def test_the_last_signed_commit_stays_in_force_while_newer_ones_are_not_signed(
    forge: Forge, source_of: Sources, key: Path, tmp_path: Path
) -> None:
    conditions = Conditions(signers=allow(tmp_path / "allowed", key))
    source = source_of(conditions)
    good = forge.commit("aiko", key=key)
    source.accept(source.current())
    bad = forge.commit("mallory")
    source.accept(source.current())

    assert source.state.commit == good
    assert source.state.refused is not None
    assert source.state.refused.why == (f"commit {bad} is not signed; sign it with a key of {tmp_path}/allowed",)
    newer = forge.commit("aiko", "bo", key=key)
    checkout = source.current()
    source.accept(checkout)
    state = source.state
    assert (checkout.commit, state.refused) == (newer, None)


def test_a_commit_on_the_disk_is_verified_like_any_other(
    forge: Forge, source_of: Sources, key: Path, tmp_path: Path
) -> None:
    forge.commit("mallory")
    source = source_of()
    source.accept(source.current())
    forge.go()
    conditions = Conditions(signers=allow(tmp_path / "allowed", key))

    with pytest.raises(SourceError, match=r"no commit can be in force: commit .* is not signed"):
        source_of(conditions).current()


def test_a_key_that_is_allowed_no_more_takes_its_commit_out_of_force(
    forge: Forge, source_of: Sources, key: Path, tmp_path: Path
) -> None:
    commit = forge.commit("aiko", key=key)
    source = source_of(Conditions(signers=allow(tmp_path / "allowed", key)))
    source.accept(source.current())
    (tmp_path / "allowed").rename(tmp_path / "elsewhere")
    assert source.current().commit == commit, "while nothing can be verified, what was verified stays so"
    newer = forge.commit("bo", key=key)
    assert source.current().commit == commit, "and nothing else comes into force"
    assert source.state.refused is not None
    assert "so no commit can be verified" in source.state.refused.why[0]
    allow(tmp_path / "allowed", new_key(tmp_path / "other"))

    with pytest.raises(SourceError, match=r"no commit can be in force: commit .* is signed with a key that"):
        source.current()
    allow(tmp_path / "allowed", key)
    assert source.current().commit == newer, "as soon as it is allowed"
