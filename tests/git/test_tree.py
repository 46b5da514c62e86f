"""Which files of a commit are written, and how; and which are refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from forge import Forge

from iamsync.daemon.git.program import Bounds
from iamsync.daemon.git.refusal import CommitRefused
from iamsync.daemon.git.tree import write_tree


def submodule(forge: Forge) -> None:
    forge.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},desired/shared")


def submodule_in_its_place(forge: Forge) -> None:
    forge.git("rm", "-r", "--quiet", "--cached", "desired")
    forge.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},desired")


def pointer(forge: Forge) -> None:
    (forge.work / "desired" / "big.json").write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n"
    )
    forge.git("add", "desired")


def link(target: str) -> Callable[[Forge], None]:
    def make(forge: Forge) -> None:
        (forge.work / "desired" / "sub").mkdir()
        (forge.work / "desired" / "sub" / "link.yaml").symlink_to(target)
        forge.git("add", "desired")

    return make


def links_in_a_chain(forge: Forge) -> None:
    (forge.work / "desired" / "sub").mkdir()
    (forge.work / "desired" / "sub" / "up").symlink_to("..")
    (forge.work / "desired" / "out.yaml").symlink_to("sub/up/../../all.yaml")
    forge.git("add", "desired")


def no_folder(forge: Forge) -> None:
    forge.git("mv", "desired", "elsewhere")


def file_in_its_place(forge: Forge) -> None:
    forge.git("rm", "-r", "--quiet", "desired")
    (forge.work / "desired").write_text("x")
    forge.git("add", "desired")


def too_many(forge: Forge) -> None:
    for number in range(300):
        (forge.work / "desired" / f"{number}.json").write_text("{}")
    forge.git("add", "desired")


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        (submodule, "shared is a submodule, which iamsync does not read; put its files into this repository"),
        (submodule_in_its_place, "desired is a submodule, which iamsync does not read"),
        (pointer, "desired/big.json is a pointer of Git LFS, and not the file itself; take it out of LFS"),
        (link("../../outside.yaml"), "desired/sub/link.yaml is a link that leads out of the folder"),
        (link("/etc/hostname"), "desired/sub/link.yaml is a link that leads out of the folder"),
        (link("/proc/self/cwd"), "desired/sub/link.yaml is a link that leads out of the folder"),
        (link("link.yaml"), "desired/sub/link.yaml is a link that leads out of the folder"),
        (links_in_a_chain, "desired/out.yaml is a link that leads out of the folder"),
        (no_folder, "has no folder desired (--path)"),
        (file_in_its_place, "has no folder desired (--path)"),
        (too_many, "301 files are together larger than 1 MB, see --max-size"),
    ],
    ids=[
        *(
            "submodule",
            "submodule in its place",
            "lfs",
            "link out",
            "absolute link",
            "link to proc",
            "link in a circle",
        ),
        *("links in a chain", "no folder", "file in its place", "too many"),
    ],
)
def test_what_cannot_be_taken_is_refused_by_a_sentence(
    forge: Forge, tmp_path: Path, stage: Callable[[Forge], None], sentence: str
) -> None:
    forge.commit("aiko")
    stage(forge)
    bad = forge.commit_staged()

    with pytest.raises(CommitRefused) as refusal:
        write_tree(forge.bare, bad, "desired", Bounds(file_bytes=1 << 20), tmp_path / "files")

    assert refusal.value.why.startswith(f"commit {bad}")
    assert sentence in refusal.value.why


def test_a_link_inside_the_folder_is_a_link_and_contents_are_as_committed(forge: Forge, tmp_path: Path) -> None:
    (forge.work / "desired" / "sub").mkdir(parents=True)
    (forge.work / "desired" / "sub" / "link.yaml").symlink_to("../all.yaml")
    (forge.work / ".gitattributes").write_text("* text eol=crlf ident\n*.json export-ignore\n")
    commit = forge.commit(files={"desired/all.yaml": "# $Id$\nversion: 1\n", "desired/b.json": "{}\n"})

    path = tmp_path / "files"
    write_tree(forge.bare, commit, "desired", Bounds(), path)

    assert (path / "sub" / "link.yaml").read_bytes() == b"# $Id$\nversion: 1\n"
    assert (path / "b.json").read_text() == "{}\n"
