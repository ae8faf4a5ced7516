"""What is shown of the settings."""

import pytest

from pipelines.cli.show import settings as show_settings
from pipelines.night.doctor.finding import TITLES, Finding


def test_findings_stand_with_their_remedies(capsys: pytest.CaptureFixture[str]) -> None:
    show_settings.show_findings([Finding("disk", "fault", "đầy / full", "dọn / clear it")], as_json=False)
    assert capsys.readouterr().out.splitlines() == ["✗ disk: full", "    → clear it", "Faults: 1; warnings: 0."]
    assert "disk" in TITLES
