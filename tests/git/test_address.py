"""Which addresses of repositories are taken, and that no sentence repeats a secret."""

from pathlib import Path

import pytest

from iamsync.daemon.git.address import OPEN, Access, Address
from iamsync.daemon.git.credentials import Credential, credential_of, ssh_command
from iamsync.errors import SourceError

SSH = Access(key=Path("/k"), known_hosts=Path("/h"))


@pytest.mark.parametrize(
    ("url", "scheme", "host", "access"),
    [
        ("https://git.example.com/org/iam.git", "https", "git.example.com", OPEN),
        ("https://bot@git.example.com:8443/org/iam", "https", "git.example.com", OPEN),
        ("ssh://git@git.example.com:2222/org/iam.git", "ssh", "git.example.com", SSH),
        ("git@git.example.com:org/iam.git", "ssh", "", SSH),
        ("git@git.example.com:/srv/iam.git", "ssh", "", SSH),
        ("file:///srv/iam.git", "file", "", OPEN),
        ("http://127.0.0.1:8000/iam.git", "http", "127.0.0.1", OPEN),
        ("http://[::1]/iam.git", "http", "::1", OPEN),
        ("http://localhost/iam.git", "http", "localhost", OPEN),
    ],
)
def test_addresses(url: str, scheme: str, host: str, access: Access) -> None:
    address = Address(url=url, access=access)

    assert (address.scheme, address.host) == (scheme, host)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://bot:tops3cret@git.example.com/iam", "has a password in it, which others can see: put it into a file"),
        ("ssh://git:tops3cret@git.example.com/iam", "has a password in it"),
        ("https://git.example.com/iam?private_token=tops3cret", "without ?, # and spaces"),
        ("https://git.example.com/iam#tops3cret", "without ?, # and spaces"),
        ("http://git.example.com/iam", "is not encrypted"),
        ("http://127.0.0.1.example.com/iam", "is not encrypted"),
        ("git://git.example.com/iam", "git:// is not supported: use https, ssh or file"),
        ("ext::sh -c true", "must be https://HOST/PATH"),
        ("ext::sh://x", "not supported"),
        ("--upload-pack=touch x", "must be https://HOST/PATH"),
        ("/srv/iam.git", "must be https://HOST/PATH"),
        ("-oProxyCommand=x:y", "must be https://HOST/PATH"),
        ("ssh://-oProxyCommand=x/y", "no valid host"),
        ("https:///iam", "no valid host"),
        ("https://git.example.com:x/iam", "no valid host or port"),
        ("file://server/iam.git", "with three slashes"),
        ("https://git.example.com/i\nam", "without ?, # and spaces"),
    ],
)
def test_addresses_that_are_refused(url: str, sentence: str) -> None:
    with pytest.raises(SourceError) as refusal:
        Address(url=url, access=OPEN)

    assert sentence in str(refusal.value)
    assert "tops3cret" not in str(refusal.value)


@pytest.mark.parametrize("path", ["/etc", "../other", "a/../../b", "a\nb"])
def test_paths_that_are_refused(path: str) -> None:
    with pytest.raises(SourceError, match="--path"):
        Address(url="https://h/x", path=path)


@pytest.mark.parametrize("ref", ["-x", "a..b", "a b", "", "a:b", "a*", "a~1", "x.lock", "x/"])
def test_refs_that_are_refused(ref: str) -> None:
    with pytest.raises(SourceError, match="--ref"):
        Address(url="https://h/x", ref=ref)


@pytest.mark.parametrize(
    ("url", "access", "sentence"),
    [
        ("git@h:x", OPEN, "needs --git-key FILE and --git-known-hosts FILE"),
        ("git@h:x", Access(key=Path("k")), "needs --git-key FILE and --git-known-hosts FILE"),
        ("ssh://h/x", Access(token=Path("t")), "are for HTTPS: an ssh repository needs --git-key"),
        ("https://h/x", Access(key=Path("k")), "are for ssh, and --git is https://"),
        ("https://h/x", Access(token=Path("t"), netrc=Path("n")), "give one of them"),
        ("file:///x", Access(token=Path("t")), "are for HTTPS, and --git is file://"),
    ],
)
def test_credentials_that_do_not_fit_the_address(url: str, access: Access, sentence: str) -> None:
    with pytest.raises(SourceError) as refusal:
        Address(url=url, access=access)

    assert sentence in str(refusal.value)


def test_a_token_is_read_again_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    address = Address(url="https://h/x", access=Access(token=file))
    found = []
    for text in ("one\n", " two "):
        file.write_text(text)
        found.append(credential_of(address))

    assert found == [Credential("x-access-token", "one"), Credential("x-access-token", "two")]
    assert "one" not in repr(found[0])
    named = credential_of(Address(url="https://bot@h/x", access=Access(token=file)))
    assert named == Credential("bot", "two")


@pytest.mark.parametrize("text", ["", "\n", "tops3cret x", "tops3cret\nusername=x", "tops3cret\0", "tops3cret" * 1000])
def test_a_token_file_with_anything_else_in_it_is_not_quoted(text: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(text)

    with pytest.raises(SourceError, match="must hold one token, and nothing else") as refusal:
        credential_of(Address(url="https://h/x", access=Access(token=tmp_path / "token")))

    assert "tops3cret" not in str(refusal.value)


def test_a_netrc_gives_the_entry_of_the_host(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine other login a password b\nmachine h login bot password tops3cret\n")

    assert credential_of(Address(url="https://h:8443/x", access=Access(netrc=file))) == Credential("bot", "tops3cret")
    with pytest.raises(SourceError, match=r"netrc has no password for the machine elsewhere"):
        credential_of(Address(url="https://elsewhere/x", access=Access(netrc=file)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("machine h login bot\ntops3cret", "is no netrc, line 2"), ("\xff\n", "is no netrc")],
)
def test_a_broken_netrc_is_not_quoted(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_bytes(text.encode("latin-1"))

    with pytest.raises(SourceError) as refusal:
        credential_of(Address(url="https://h/x", access=Access(netrc=tmp_path / "netrc")))

    assert sentence in str(refusal.value)
    assert "tops3cret" not in str(refusal.value)


@pytest.mark.parametrize("access", [Access(token=Path("/missing")), Access(netrc=Path("/missing"))])
def test_a_file_that_is_missing_is_named(access: Access) -> None:
    with pytest.raises(SourceError, match=r"/missing cannot be read \(No such file or directory\)"):
        credential_of(Address(url="https://h/x", access=access))


def test_what_a_server_sends_back_has_no_secret_in_it() -> None:
    said = "tops3cret, Basic Ym90OnRvcHMzY3JldA== and dG9wczNjcmV0"

    assert Credential("bot", "tops3cret").hidden_in(said) == "***, Basic *** and ***"


def test_ssh_trusts_no_other_host_asks_nothing_and_offers_no_other_key() -> None:
    access = Access(key=Path("/keys of/100%/id"), known_hosts=Path("/hosts"))
    command = ssh_command(Address(url="git@h:x", access=access))

    assert command.startswith("ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes")
    assert "'UserKnownHostsFile=\"/hosts\"' -o GlobalKnownHostsFile=/dev/null" in command
    assert "'IdentityFile=\"/keys of/100%%/id\"' -o IdentitiesOnly=yes -o IdentityAgent=none" in command


def test_a_file_that_ssh_cannot_name_is_refused() -> None:
    access = Access(key=Path('/a"b'), known_hosts=Path("/hosts"))

    with pytest.raises(SourceError, match="ssh cannot read a file of this name"):
        ssh_command(Address(url="git@h:x", access=access))
