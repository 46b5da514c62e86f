from pathlib import Path

from iamsync import demo
from iamsync.render.line import plain

PROJECT = Path(__file__).parent.parent


def test_the_demo_tells_the_story_to_its_end() -> None:
    told: list[str] = []

    try:
        demo.tell(lambda lines: told.append(plain(lines)))
    finally:
        story = "\n".join(told)
        print(story)  # noqa: T201 - for who wants to know how far it came
    assert "aiko.sato" in story
    assert "create console password" in story
    assert "Applied: 11 done, 0 failed, 0 skipped." in story
    assert '"result": "applied"' in story
    assert story.count("Nothing to do") == 2


def test_the_demo_plays_the_projects_own_desired_state() -> None:
    def files(root: Path) -> dict[str, str]:
        return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}

    assert files(Path(demo.__file__).parent / "desired") == files(PROJECT / "desired")
