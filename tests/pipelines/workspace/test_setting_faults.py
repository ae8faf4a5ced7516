"""How a wrong setting is worded."""

from pipelines.workspace import setting_faults
from pipelines.workspace.setting_faults import SettingFault


def test_one_fault_is_one_line_and_several_are_a_line_each() -> None:
    fault = SettingFault("SACHSONG_THREADS", "phải từ 1 trở lên", "must be 1 or more")
    assert str(setting_faults.refusal([fault])) == (
        "SACHSONG_THREADS: phải từ 1 trở lên. / SACHSONG_THREADS: must be 1 or more."
    )
    vi, en = str(setting_faults.refusal([fault, fault])).split("\n / ")
    assert (vi.count("\n"), en.count("\n")) == (2, 2)


def test_a_kind_of_error_without_words_is_told_as_pydantic_tells_it() -> None:
    assert setting_faults.in_words({"type": "unheard_of", "msg": "is odd"})[1] == "is wrong (is odd)"
