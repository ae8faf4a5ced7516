"""why: each part is told with its ground, the numbers add up, both languages say the same numbers."""

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.quota.allocation import Override, Places
from pipelines.quota.allocation.sentences import Grant, why

DAY = date(2026, 11, 22)
ORDER = Override("students-79", date(2026, 11, 30), Fraction(1, 8), by="Trần Thị Bích", reason="kỳ thi")
GRANTED = Grant(
    tenant="students-79",
    day=DAY,
    policy="floor+aged",
    cap=200_000,
    places=Places(floor=529, aged=674, left_over=1),
    wanted=56_000,
    tenants=189,
    all_places=200_000,
)


def test_why_did_we_get_1204_today() -> None:
    assert [sentence.vi for sentence in why(GRANTED)] == [
        "Ngày 22/11/2026, «students-79» được 1.204 lượt trong hạn mức 200.000 của cả nước, trên 56.000 yêu cầu của "
        "đơn vị.",
        "Cách chia: «floor+aged», mặc định, không có lệnh khác.",
        "529 lượt từ mức tối thiểu: một nửa hạn mức chia đều cho 189 đơn vị, để đơn vị nhỏ được gửi ngay trong ngày; "
        "đơn vị cần ít hơn thì phần thừa chia tiếp.",
        "674 lượt vì chờ lâu: phần còn lại của hạn mức dành cho ngày chờ lâu nhất trước, trong cùng một ngày thì "
        "chia đều.",
        "1 lượt lẻ do làm tròn, phần lẻ lớn nhất trước; bằng nhau thì mỗi ngày đến lượt đơn vị khác.",
        "Cộng lại: 529 + 674 + 1 = 1.204.",
        "54.796 yêu cầu chờ sang ngày sau.",
        "Cả nước: 189 đơn vị được 200.000 lượt, dùng hết hạn mức.",
    ]


BY = {"given_by": "Lan", "given_at": "2026-11-22T12:00:00+07:00", "reason": "tổng kết"}
WEIGHED = {"weight": Fraction(3, 2), "weight_order": BY, "all_weights": Fraction(379, 2)}
SAID = [
    ({"policy_order": BY}, "«floor+aged», theo lệnh của Lan lúc 2026-11-22T12:00:00+07:00, lý do: tổng kết.", "who"),
    (WEIGHED, "Trọng số của đơn vị: 3/2 trên tổng 379/2 của mọi đơn vị, theo lệnh của Lan", "its weight, and whose"),
    (WEIGHED, "một nửa hạn mức chia theo trọng số cho 189 đơn vị", "the floor is not even"),
    (WEIGHED, "trong cùng một ngày thì chia theo trọng số", "nor is a day"),
    ({**WEIGHED, "weight": Fraction(1), "weight_order": None}, "1 trên tổng 379/2 của mọi đơn vị, như", "others have"),
    ({**WEIGHED, "policy": "fifo"}, "cách chia này không xét trọng số", "it has one and it does not count"),
    ({**WEIGHED, "policy": "max-min"}, "do chia theo trọng số hạn mức", "no floor"),
    ({**WEIGHED, "policy": "largest-first", "places": Places(size=5)}, "tồn nhiều nhất nhân trọng số", "by both"),
    (
        {"places": Places(floor=300), "wanted": 300},
        "Mọi yêu cầu của đơn vị đều được gửi trong ngày.",
        "nothing waits on",
    ),
    ({"policy": "max-min", "places": Places(floor=5)}, "do chia đều hạn mức", "no floor"),
    ({"policy": "fifo", "places": Places(aged=5)}, "5 lượt vì đến trước.", "by order"),
    ({"policy": "proportional", "places": Places(size=5)}, "theo tỷ lệ", "by size"),
    ({"policy": "largest-first", "places": Places(size=5)}, "tồn nhiều nhất", "the largest"),
    ({"places": Places(earlier=5)}, "không phải trả lại", "used before"),
    ({"places": Places(override=5), "override": ORDER}, "đến hạn 30/11/2026, nhiều nhất 12,5 % hạn mức", "the order"),
    ({"places": Places(override=5), "override": ORDER}, "Trần Thị Bích; lý do: kỳ thi", "who and why"),
    ({"places": Places(override=5)}, "theo lệnh ưu tiên có thời hạn", "the order is no longer kept"),
    ({"all_places": 150_000}, "150.000 lượt, không đơn vị nào còn yêu cầu chờ", "the cap is not used up"),
    ({"places": Places(), "wanted": 9}, "được 0 lượt", "no place at all"),
]


@pytest.mark.parametrize(("changes", "said", "reason"), SAID)
def test_each_ground_is_told(changes: dict[str, object], said: str, reason: str) -> None:
    told = " ".join(sentence.vi for sentence in why(replace(GRANTED, **changes)))  # type: ignore[arg-type]
    assert said in told, reason


def numbers(text: str, separator: str) -> list[int]:
    return [int(found.replace(separator, "")) for found in re.findall(rf"\d[\d{re.escape(separator)}]*", text)]


@given(st.lists(st.integers(0, 99_999), min_size=6, max_size=6), st.sampled_from(["floor+aged", "max-min", "fifo"]))
def test_both_languages_say_the_same_numbers_and_the_parts_are_all_there(parts: list[int], policy: str) -> None:
    places = Places(*parts)
    told = why(replace(GRANTED, tenant="x", places=places, policy=policy, wanted=places.total + 7))
    for sentence in told[1:]:
        assert sorted(numbers(sentence.vi, ".")) == sorted(numbers(sentence.en, ","))
    vietnamese = " ".join(sentence.vi for sentence in told)
    assert all(f"{count:,}".replace(",", ".") in vietnamese for count in parts if count)
