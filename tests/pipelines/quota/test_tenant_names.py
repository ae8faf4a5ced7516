"""What people call a tenant."""

import pytest

from pipelines.quota.tenant_names import display_name

TITLES = {"students": ("Học sinh", "Students")}
CASES = [
    ("students-79", "Hồ Chí Minh · Học sinh (students-79)", "a sector and a province"),
    ("teachers-79", "Hồ Chí Minh · teachers (teachers-79)", "another machine's sector"),
    ("students-00", "Không rõ tỉnh · Học sinh (students-00)", "records whose province is not known"),
    ("large", "large", "a name out of somebody's file"),
    ("nhóm-lớn", "nhóm-lớn", "with a hyphen in it"),
]


@pytest.mark.parametrize(("tenant", "name", "why"), CASES)
def test_a_tenant_is_called_as_people_call_it(tenant: str, name: str, why: str) -> None:
    assert display_name(tenant, TITLES) == name, why
