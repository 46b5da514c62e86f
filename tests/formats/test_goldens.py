"""Each format, written out for 41 states of the casebook: `tests/goldens/STATE.ENDING`. `make goldens` writes them
again, for you to read; `plan.txt` in the cases is the text.
"""

from pathlib import Path

import pytest

from formats.told import ENDINGS, GOLDENS, IS_WRITTEN, STATES, in_format, shown


@pytest.mark.parametrize("state", STATES, ids=lambda folder: folder.name)
def test_a_plan_is_shown_as_it_is_written(state: Path) -> None:
    what = shown(state)
    for form, ending in ENDINGS.items():
        file = GOLDENS / f"{state.name}.{ending}"
        if IS_WRITTEN:
            file.write_text(in_format(form, what), "utf-8")

        assert in_format(form, what) == file.read_text("utf-8"), "if that is as it should be: make goldens"


def test_there_are_goldens_of_thirty_states_and_of_no_other() -> None:
    written = {file.name for file in GOLDENS.iterdir()}

    assert len(STATES) >= 30
    assert written == {f"{state.name}.{ending}" for state in STATES for ending in ENDINGS.values()}
