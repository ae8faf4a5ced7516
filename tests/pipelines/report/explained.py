"""An explained link to draw: values that a person can check by hand."""

from matching.explanation.model import Explanation, Step


def step(field: str, said: str, bits: float, total: float) -> Step:
    return Step(
        field=field, title_vi=field, title_en=field, said_vi=said, said_en=said, bits=bits, total=total, share=0.1
    )


EXPLAINED = Explanation(
    record_id="r1", sector="students", source_file="a.csv", sheet="", source_row=2, decision="link",
    status="wrong_information", reason="Số định danh đúng; " + "ngày sinh khác; " * 12 + "giới tính khác.",
    candidates=1, values=(),
    steps=(
        step("Trước", "trước khi so", -10, -10), step("Họ tên", "khớp <b>", 14, 4),
        step("Tên mẹ", "không có để so", 0, 4), step("Ngày sinh", "ngày sinh khác", -1, 3), step("Số", "khớp", 12, 15),
    ),
    weight=15, probability=1.0, relatives=0, nobody=0, second=None, others=(), margin=15, recorded_weight=15,
    corrections=None, sentences=(),
)  # fmt: skip
