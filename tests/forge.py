"""A bare Git repository to which a test commits, a clock that a test moves, and sources of that repository."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from surroundings import bare

from iamsync.daemon.git.address import OPEN, Access, Address
from iamsync.daemon.git.source import ANY, Conditions, GitSource

SETTINGS = 'version: 1\nsettings: {owner: us, account_id: "123456789012"}\n'


def users(*names: str) -> str:
    """A file that declares these users."""
    return SETTINGS + "users: {" + ", ".join(f"{name}: {{}}" for name in names) + "}\n"


class Forge:
    """The bare repository `root`/repo.git, and a work tree beside it whose commits are in it at once, on `main`."""

    def __init__(self, root: Path) -> None:
        self.bare = root / "repo.git"
        self.work = root / "work"
        (self.work / "desired").mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main")

    @property
    def url(self) -> str:
        """Where it is on this disk."""
        return f"file://{self.bare}"

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """What a git command says in the work tree."""
        identity = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = bare(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", GIT_DIR=str(self.bare), **identity)
        if arguments[0] != "init":
            environment["GIT_WORK_TREE"] = str(self.work)
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=self.work, env=environment, input=stdin, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def commit(self, *names: str, files: Mapping[str, str] | None = None, key: Path | None = None) -> str:
        """Commit a file that declares these users, or these files; the id. Signed if there is a private key."""
        for path, text in (files or {"desired/all.yaml": users(*names)}).items():
            (self.work / path).parent.mkdir(parents=True, exist_ok=True)
            (self.work / path).write_text(text)
        self.git("add", "--all")
        return self.commit_staged(key)

    def commit_staged(self, key: Path | None = None) -> str:
        """Commit what is staged; the id."""
        signing = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}") if key else ()
        self.git(*signing, "commit", "--quiet", "--allow-empty", "-m", "x", *(["-S"] if key else []))
        return self.newest()

    def newest(self) -> str:
        """The id of the newest commit."""
        return self.git("rev-parse", "HEAD")

    def rewrite(self) -> str:
        """Put another commit in the place of the newest one; its id."""
        self.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "another")
        return self.newest()

    def go(self) -> None:
        """Nobody finds it any more."""
        self.bare.rename(self.bare.with_suffix(".gone"))

    def come_back(self) -> None:
        """It is where it was."""
        self.bare.with_suffix(".gone").rename(self.bare)


def new_key(file: Path) -> Path:
    """A new private key, with its public one beside it."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return file


def allow(file: Path, *keys: Path, options: str = 'namespaces="git"') -> Path:
    """A file of allowed signers with these keys."""
    file.write_text("".join(f"who@example.org {options} {key.with_suffix('.pub').read_text()}" for key in keys))
    return file


NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Noon, and the seconds by which it was moved on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        """The time."""
        return NOON + timedelta(seconds=self.seconds)

    def ticks(self) -> float:
        """Seconds of a clock that only grows."""
        return self.seconds


Sources = Callable[..., GitSource]


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """A repository without a commit."""
    (tmp_path / "forge").mkdir()
    return Forge(tmp_path / "forge")


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def source_of(forge: Forge, clock: Clock, tmp_path: Path) -> Iterator[Sources]:
    """Opens a source of the repository, as the next start of the process would: the one before lets go."""
    opened: list[GitSource] = []

    def open_next(
        conditions: Conditions = ANY, *, url: str = "", access: Access = OPEN, ref: str = "main", path: str = "desired"
    ) -> GitSource:
        for one in opened:
            one.close()
        opened.clear()
        address = Address(url=url or forge.url, ref=ref, path=path, access=access)
        opened.append(GitSource(address, tmp_path / "state", conditions, now=clock.now, ticks=clock.ticks))
        return opened[0]

    yield open_next
    for one in opened:
        one.close()
