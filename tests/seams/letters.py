"""A delivery channel: a folder with one letter for each user, beside the CSV file."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from iamsync.core.action import Action
from iamsync.core.receipt import Receipt
from iamsync.delivery import NewCredential, RunContext
from iamsync.errors import DeliveryError


class Letters:
    """A letter is one file with all that its user got in this run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, new: NewCredential) -> Receipt:
        """Add a line to the letter."""
        letter = self._folder / f"{new.user}.letter"
        line = json.dumps({"kind": new.kind.value, "id": new.key_id, "secret": new.secret})
        try:
            with letter.open("a", encoding="utf-8") as page:
                page.write(f"{line}\n")
        except OSError as error:
            raise DeliveryError(f"{letter} cannot be written ({error.strerror})") from None
        return Receipt(channel="letter", user=new.user, kind=new.kind, place=str(letter), key_id=new.key_id)

    def withdraw(self, receipt: Receipt) -> None:
        """Take the line out again."""
        letter = Path(receipt.place)
        lines = letter.read_text("utf-8").splitlines(keepends=True)
        letter.write_text("".join(line for line in lines if json.loads(line)["id"] != receipt.key_id), "utf-8")


@contextmanager
def prepare(run: RunContext, actions: Sequence[Action]) -> Iterator[Letters]:
    """The folder, which stays if somebody gets a letter."""
    assert run.destinations.csv is not None
    folder = run.destinations.csv.parent / f"letters-to-{len({action.subject for action in actions})}-users"
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise DeliveryError(f"the folder {folder} cannot be made ({error.strerror})") from None
    yield Letters(folder)
    if not any(folder.iterdir()):
        folder.rmdir()
