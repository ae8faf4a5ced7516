"""Whether somebody is writing: what the system says, and where it is not to be believed."""

from pathlib import Path

import pytest

from pipelines.read import write_detection


@pytest.mark.parametrize(
    ("folder", "tells", "why"),
    [
        ("/dev/shm", True, "tmpfs: a refused lease means a writer"),
        ("/proc", False, "no file system of files"),
        ("/sys", False, "no file system of files"),
    ],
)
def test_leases_are_believed_on_local_disks_only(folder: str, tells: bool, why: str) -> None:
    assert write_detection.leases_tell(Path(folder)) == tells, why


def test_a_look_through_a_link_or_at_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to("a")
    assert write_detection.stamp(tmp_path / "a", leases=True).size == 1
    for name in ("link", "."):
        with pytest.raises(write_detection.NotPlain):
            write_detection.stamp(tmp_path / name, leases=True)


def test_a_look_tells_of_a_writer_even_of_our_own(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w"):
        assert write_detection.stamp(tmp_path / "a", leases=True).written is True
        assert write_detection.stamp(tmp_path / "a", leases=False).written is None
    assert write_detection.stamp(tmp_path / "a", leases=True).written is False
