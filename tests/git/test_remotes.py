"""Repositories elsewhere: over HTTP with a token, and over SSH."""

import getpass
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from forge import Clock, Forge, Sources, new_key
from git_server import GitServer, certificate, serving

from iamsync.daemon.git.address import Access
from iamsync.daemon.git.program import Bounds
from iamsync.daemon.git.source import FIRST_DELAY, Conditions, GitSource
from iamsync.errors import SourceError

TOKEN = "tops3cret-5f3a9c"


@pytest.fixture
def server(forge: Forge) -> Iterator[GitServer]:
    """The repository behind a token."""
    with serving(forge.bare.parent, TOKEN) as server:
        yield server


@pytest.fixture
def token(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return tmp_path / "token"


def why(source: GitSource) -> str:
    """Why nothing can be fetched."""
    with pytest.raises(SourceError) as refusal:
        source.current()
    return str(refusal.value)


def test_a_token_opens_a_repository_over_http(
    forge: Forge, source_of: Sources, server: GitServer, token: Path, tmp_path: Path
) -> None:
    commit = forge.commit("aiko")
    source = source_of(url=f"{server.url}/repo.git", access=Access(token=token))
    checkout = source.current()
    source.accept(checkout)
    seen = len(server.seen)
    source.current()

    assert checkout.commit == commit
    assert {credentials for _, credentials in server.seen} == {"", f"x-access-token:{TOKEN}"}
    fetches = [path for path, credentials in server.seen[seen:] if credentials]
    assert len(fetches) == 2, "a look at what is known already fetches nothing"
    kept = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())
    assert TOKEN.encode() not in kept


def test_a_netrc_opens_it_too(forge: Forge, source_of: Sources, server: GitServer, tmp_path: Path) -> None:
    commit = forge.commit("aiko")
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login bot password {TOKEN}\n")

    checkout = source_of(url=f"{server.url}/repo.git", access=Access(netrc=tmp_path / "netrc")).current()

    assert checkout.commit == commit
    assert server.seen[-1][1] == f"bot:{TOKEN}"


def test_a_wrong_token_is_a_sentence_without_it(
    forge: Forge, source_of: Sources, server: GitServer, token: Path
) -> None:
    forge.commit("aiko")
    server.token = "another"

    said = why(source_of(url=f"{server.url}/repo.git", access=Access(token=token)))

    assert "Authentication failed" in said
    assert TOKEN not in said


def test_what_a_server_repeats_of_the_token_is_not_shown(
    forge: Forge, source_of: Sources, server: GitServer, token: Path
) -> None:
    forge.commit("aiko")
    source = source_of(url=f"{server.url}/repo.git", access=Access(token=token))
    server.fails_once_known = HTTPStatus.FORBIDDEN

    said = why(source)

    assert "who are you, Basic *** x-access-token:***?" in said
    assert "403" in said


def test_another_host_to_which_a_server_sends_us_gets_no_token(
    forge: Forge, source_of: Sources, server: GitServer, token: Path
) -> None:
    forge.commit("aiko")
    with serving(forge.bare.parent, TOKEN) as other:
        server.moved_to = other.url.replace("127.0.0.1", "localhost")
        said = why(source_of(url=f"{server.url}/repo.git", access=Access(token=token)))

        assert {credentials for _, credentials in other.seen} == {""}
        assert "cannot be read" in said


def test_a_server_that_does_not_end_its_answer_is_left_after_a_while(
    forge: Forge, source_of: Sources, server: GitServer, token: Path, tmp_path: Path
) -> None:
    forge.commit("aiko")
    server.hangs = True
    conditions = Conditions(bounds=Bounds(seconds=2.0))
    source = source_of(conditions, url=f"{server.url}/repo.git", access=Access(token=token))

    assert "(it had not ended after 2 seconds)" in why(source)
    assert list((tmp_path / "state").glob("*/incoming-*")) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="it looks where Linux shows processes")
def test_no_process_has_the_token_in_its_arguments_or_environment(
    forge: Forge, source_of: Sources, server: GitServer, token: Path
) -> None:
    forge.commit("aiko")
    shown: list[bytes] = []

    def look() -> None:
        for process in Path("/proc").iterdir():
            for file in ("cmdline", "environ"):
                try:
                    shown.append((process / file).read_bytes())
                except OSError:
                    continue

    server.on_request = look
    source_of(url=f"{server.url}/repo.git", access=Access(token=token)).current()

    assert any(b"git-remote-http" in one for one in shown), "it was looked at while git ran"
    assert not any(TOKEN.encode() in one for one in shown)


def test_a_server_without_a_certificate_that_is_trusted_gets_nothing(
    forge: Forge, source_of: Sources, clock: Clock, token: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = forge.commit("aiko")
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "true")
    with serving(forge.bare.parent, TOKEN, certificate(tmp_path)) as server:
        source = source_of(
            url=f"{server.url}/repo.git".replace("http://127.0.0.1", "https://localhost"), access=Access(token=token)
        )
        assert "certificate" in why(source)
        assert server.seen == []
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        clock.seconds = FIRST_DELAY

        assert source.current().commit == commit


def test_a_token_is_never_sent_to_a_server_that_asks_for_none(
    forge: Forge, source_of: Sources, server: GitServer, token: Path
) -> None:
    commit = forge.commit("aiko")
    server.token = ""

    checkout = source_of(url=f"{server.url}/repo.git", access=Access(token=token)).current()

    assert checkout.commit == commit
    assert {credentials for _, credentials in server.seen} == {""}


@pytest.fixture
def access(tmp_path: Path) -> Access:
    """A key, and the host key of this machine's server."""
    new_key(tmp_path / "client")
    new_key(tmp_path / "host")
    return Access(key=tmp_path / "client", known_hosts=tmp_path / "known_hosts")


def test_every_connection_starts_ssh_with_the_same_strict_options(
    forge: Forge, source_of: Sources, access: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of ssh is a program that notes its arguments and runs the command here."""
    commit = forge.commit("aiko")
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "ssh"
    stand_in.write_text(
        f"#!{sys.executable}\nimport os, sys, json\n"
        f"with open({str(tmp_path / 'seen')!r}, 'a') as seen:\n"
        "    print(json.dumps([sys.argv[1:], dict(os.environ)]), file=seen)\n"
        "os.execvp('sh', ['sh', '-c', sys.argv[-1]])\n"
    )
    stand_in.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)
    monkeypatch.setenv("SSH_AUTH_SOCK", "/agent")

    checkout = source_of(url=f"ssh://git@forge.example.com:2222{forge.bare}", access=access).current()

    assert checkout.commit == commit
    seen = (tmp_path / "seen").read_text()
    calls = [json.loads(line) for line in seen.splitlines()]
    assert len(calls) == 2, "a look and a fetch"
    for arguments, environment in calls:
        assert arguments[:2] == ["-F", "/dev/null"]
        assert {"StrictHostKeyChecking=yes", "BatchMode=yes", "IdentitiesOnly=yes"} <= set(arguments)
        assert f'UserKnownHostsFile="{tmp_path / "known_hosts"}"' in arguments
        assert f'IdentityFile="{tmp_path / "client"}"' in arguments
        assert [*arguments[-3:]] == ["2222", "git@forge.example.com", f"git-upload-pack '{forge.bare}'"]
        assert "SSH_AUTH_SOCK" not in environment
    assert TOKEN not in seen


SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@pytest.fixture
def ssh_port(tmp_path: Path, access: Access) -> Iterator[int]:
    """An SSH server of this machine's own that lets the key in."""
    assert SSHD is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    assert access.key is not None
    (tmp_path / "authorized_keys").write_text(access.key.with_suffix(".pub").read_text())
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path / 'host'}\nPidFile none\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {tmp_path / 'authorized_keys'}\nPasswordAuthentication no\nPermitRootLogin yes\n"
    )
    command = [SSHD, "-D", "-e", "-f", str(tmp_path / "sshd_config")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "listening" in process.stderr.readline()
    yield port
    process.kill()
    process.communicate()


@pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine (Debian: openssh-server)")
def test_a_key_opens_a_repository_over_ssh_if_the_host_is_known(
    forge: Forge, source_of: Sources, access: Access, ssh_port: int, tmp_path: Path
) -> None:
    commit = forge.commit("aiko")
    url = f"ssh://{shlex.quote(getpass.getuser())}@127.0.0.1:{ssh_port}{forge.bare}"
    hosts = tmp_path / "known_hosts"
    kind, key, *_ = (tmp_path / "host.pub").read_text().split()
    hosts.write_text("")
    unknown = why(source_of(url=url, access=access))
    hosts.write_text(f"[127.0.0.1]:{ssh_port} {kind} {(tmp_path / 'client.pub').read_text().split()[1]}\n")
    changed = why(source_of(url=url, access=access))
    hosts.write_text(f"[127.0.0.1]:{ssh_port} {kind} {key}\n")

    assert source_of(url=url, access=access).current().commit == commit
    assert "Host key verification failed" in unknown
    assert "Host key verification failed" in changed
    new_key(tmp_path / "stranger")
    stranger = Access(key=tmp_path / "stranger", known_hosts=hosts)
    (state,) = (tmp_path / "state").iterdir()
    shutil.rmtree(state)
    assert "Permission denied (publickey" in why(source_of(url=url, access=stranger))
