import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from surroundings import bare

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


def test_the_loop_of_the_demo_says_where_to_look_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "iamsync", "demo", "--loop"],
        env=bare(TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo_process:
        assert demo_process.stdout is not None
        told = ""
        while "cycle of commit" not in told:
            line = demo_process.stdout.readline()
            assert line, (told, demo_process.stderr and demo_process.stderr.read())
            told += line
        page = urlopen(re.findall(r"Status page: (http://127\.0\.0\.1:\d+/)", told)[0], timeout=60).read().decode()  # noqa: S310
        metrics = urlopen(re.findall(r"metrics: (http:\S+/)", told)[0] + "metrics", timeout=60).read().decode()  # noqa: S310
        demo_process.send_signal(signal.SIGINT)
        said, error = demo_process.communicate(timeout=120)

    assert "user/aiko.sato: create console password" in page
    assert 'iamsync_commit_info{commit="' in metrics
    assert re.search(r"cycle of commit [0-9a-f]{12}: applied, [0-9]+ done", told)
    assert (demo_process.returncode, error, said.strip().splitlines()[-1]) == (0, "", "Stopping ...")
    assert list(tmp_path.iterdir()) == [], "nothing is left"
