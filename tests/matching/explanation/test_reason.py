"""The sentence says what was found in words of the record's side only."""

import re
from pathlib import Path

import pytest

from matching.model import load
from tests.matching.cases import CASES, HANH, NOT_FOUND, PEOPLE
from tests.matching.tables import links, registry

SENTENCES = [
    (0, "Khớp cả bốn thông tin."),
    (2, "Số định danh đúng; họ tên ghi chưa đúng quy cách."),
    (4, "Số định danh đúng; họ tên thiếu hoặc thừa chữ đệm; ngày sinh khác (đảo ngày và tháng)."),
    (6, "Số định danh đúng; giới tính khác."),
    (7, "Tìm thấy theo họ tên và ngày sinh; số định danh khác một chữ số."),
    (10, "Tìm thấy qua số CMND 9 số cũ; số này không còn giá trị."),
    (12, "Tìm thấy theo họ tên và ngày sinh; thiếu số định danh; cùng xã/phường."),
    (13, "Số định danh đúng; người này đã mất."),
    (16, "Tìm thấy theo họ tên và ngày sinh; số định danh khác; trùng tên mẹ; "
         "số định danh trong hồ sơ thuộc về người khác."),
]  # fmt: skip


@pytest.mark.parametrize(("case", "sentence"), SENTENCES)
def test_sentence(tmp_path: Path, case: int, sentence: str) -> None:
    assert links(registry(tmp_path, PEOPLE), [CASES[case][0]])["reason"].item() == sentence


def test_no_sentence_tells_what_only_the_registry_knows(tmp_path: Path) -> None:
    rows = [case[0] for case in CASES] + [case[0] for case in NOT_FOUND]
    for sentence in links(registry(tmp_path, PEOPLE), rows)["reason"]:
        assert re.fullmatch(r"[^.]+\.", sentence), "one sentence"
        assert not re.search(r"\d{4,}", sentence), "no number, no year"
        assert str(HANH["full_name"]) not in sentence


def test_every_level_of_an_identity_field_has_a_phrase_unless_it_is_right() -> None:
    for comparison in load().comparison:
        if comparison.column:
            assert all(bool(level.phrase) != level.exact for level in comparison.level), comparison.field
