"""Files that are not text, not files or not there."""

import os
import socket
from pathlib import Path

import pytest
from hostile import on_disk

from iamsync.desired import load
from iamsync.desired.files import EXAMPLE
from iamsync.errors import DesiredStateError

START = b"version: 1\nsettings: {owner: team}\nusers: {bob: {}}\n"


def problems_in(root: Path) -> list[str]:
    try:
        load(root)
    except DesiredStateError as error:
        return [str(problem).replace(f"{root}/", "").replace(str(root), ".") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (START.decode().encode("utf-16"), "a.yaml:1:1: UTF-16, expected UTF-8; save it in that encoding"),
        (b"a: b\nc: \xe9\n", "a.yaml:2:4: the byte 0xE9 is not UTF-8; save the file in that encoding"),
        ("ä: ".encode() + b"\xff", "a.yaml:1:4: the byte 0xFF is not UTF-8; save the file in that encoding"),
        (b"a: b\nc:\x00\n", "a.yaml:2:3: found the invisible character U+0000; remove it"),
        (b"a: \x1b[31m\n", "a.yaml:1:4: found the invisible character U+001B; remove it"),
        ("a: \u2028b\n".encode(), "a.yaml:1:4: found the invisible character U+2028; remove it"),
        ("a: \u202eb\n".encode(), "a.yaml:1:4: found the invisible character U+202E; remove it"),
        ("a: b\ufeff\n".encode(), "a.yaml:1:5: found the invisible character U+FEFF; remove it"),
        (b"#" * 1_000_001, "a.yaml:1:1: larger than 1,000,000 bytes; make it smaller, or split it"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "a.yaml:1:1: the byte 0x89"),
    ],
    ids=[
        "UTF-16",
        "Latin-1",
        "truncated",
        "NUL",
        "escape",
        "line separator",
        "bidi",
        "BOM inside",
        "too large",
        "noise",
    ],
)
def test_what_is_not_utf8_text_is_refused_at_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    (problem,) = problems_in(tmp_path)
    assert problem.startswith(message)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + START,
        START.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + START.replace(b"\n", b"\r\n"),
        START.removesuffix(b"\n"),
        START + "# größer 東京 \U0001f600\n".encode(),
        START + b"#" * 900_000,
    ],
    ids=["BOM", "CRLF", "BOM and CRLF", "no last newline", "beyond Latin-1", "large"],
)
def test_what_editors_make_of_a_text_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    assert problems_in(tmp_path) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path / "no")
    assert problem.startswith(".: no such folder; to begin, write ")


def test_the_example_for_who_has_no_folder_is_valid(tmp_path: Path) -> None:
    (tmp_path / "iamsync.yaml").write_text(EXAMPLE)
    assert problems_in(tmp_path) == []


def test_a_file_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(START)
    assert problems_in(tmp_path / "a.yaml") == [".: not a folder; name the folder with the YAML files (--desired)"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert problems_in(tmp_path) == [".: no *.yaml or *.yml file in here; is it the right folder?"]


@pytest.mark.parametrize(
    "name",
    ["a\n::add-mask::x.yaml", "a\x1b[2J.yaml", "a\u202elmay.yaml", "a\u200b.yaml", "a\udcff.yaml"],
    ids=ascii,
)
def test_a_name_with_an_invisible_character_is_refused(tmp_path: Path, name: str) -> None:
    name = on_disk(name)
    hidden = next(one for one in name if not one.isprintable())
    refused = f"the name has the invisible character U+{ord(hidden):04X}; rename the file"
    (tmp_path / "b.yaml").write_bytes(START)
    for file in (tmp_path / name, tmp_path / name.removesuffix(".yaml") / "c.yaml"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"users: {x: {}}")

        assert problems_in(tmp_path) == [f"{file.relative_to(tmp_path)}: {refused}"]
        file.unlink()


def test_so_is_one_of_a_document(tmp_path: Path) -> None:
    (tmp_path / on_disk("a\u202e.json")).write_text("{}")
    (tmp_path / "b.yaml").write_bytes(START + b'policies: {P: {document: "a\\u202E.json"}}\n')

    (problem,) = problems_in(tmp_path)

    assert problem.startswith("b.yaml:4:26: policies.P.document: ")
    assert problem.endswith(": the name has the invisible character U+202E; rename the file")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_bytes(START)
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.yaml").write_bytes(START)
    (root / "b.yaml").symlink_to(outside)
    (root / "c.yaml").symlink_to("/dev/zero")
    assert problems_in(root) == [
        "b.yaml: leads out of the folder; only files inside of it are read",
        "c.yaml: leads out of the folder; only files inside of it are read",
    ]


def test_a_document_that_links_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.yaml").write_bytes(START + b"policies: {P: {document: P.json}}\n")
    (root / "P.json").symlink_to("/etc/hostname")
    assert problems_in(root) == [
        "a.yaml:4:26: policies.P.document: P.json: leads out of the folder; only files inside of it are read"
    ]


def test_links_inside_of_the_folder_are_followed_as_kubernetes_mounts_them(tmp_path: Path) -> None:
    (tmp_path / "..2027").mkdir()
    (tmp_path / "..2027" / "a.yaml").write_bytes(START)
    (tmp_path / "..data").symlink_to("..2027")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    assert problems_in(tmp_path) == []


def test_a_link_to_a_folder_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(START)
    (tmp_path / "users").symlink_to(tmp_path)
    assert problems_in(tmp_path) == ["users: a link to a folder, which is not followed; put the folder here"]


def test_a_link_to_nothing_and_one_to_itself_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(START)
    (tmp_path / "b.yaml").symlink_to("nothing")
    (tmp_path / "c.yaml").symlink_to("c.yaml")
    first, second = problems_in(tmp_path)
    assert first == "b.yaml: a link to nothing"
    assert second.startswith("c.yaml: cannot be read: ")


def test_pipes_and_sockets_do_not_keep_anybody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_bytes(START)
    os.mkfifo(tmp_path / "b.yaml")
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("c.yaml")
        first, second = problems_in(tmp_path)
    assert first == "b.yaml: not a file but a device or a pipe; remove it"
    assert second.startswith("c.yaml: cannot be read: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(START)
    (tmp_path / "b.yaml").write_bytes(b"")
    (tmp_path / "b.yaml").chmod(0)
    assert problems_in(tmp_path) == ["b.yaml: cannot be read: Permission denied"]


def test_a_name_of_a_file_that_is_not_utf8_is_no_reason_to_fall_over(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_bytes(b"users: [")
    assert len(problems_in(tmp_path)) == 1
