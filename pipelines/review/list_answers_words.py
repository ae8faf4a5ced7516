"""Words for what became of an answer, and why one was refused."""

OUTCOMES = {
    "applied": "Đã nhận, đã ghi quyết định",
    "noted": "Đã nhận; chờ tệp mới của đơn vị",
    "third": "Khác câu trả lời của người khác: cần người thứ ba",
    "refused": "Không nhận",
    "again": "Đã nhận trước đây",
}
"""Outcome → how it is told."""

WHY = {
    "no_name": "Chưa ghi tên ở ô «Người trả lời» của trang đầu / nobody's name on the first sheet",
    "no_answer": "Chưa chọn «Kết quả xử lý» / no answer was chosen",
    "unknown_answer": "Không có trong các mục để chọn / not one of the answers",
    "not_listed": "Dòng này không thuộc danh sách đã gửi / the row is not in the list that was sent",
    "not_shown": "Danh sách này không hiện người được đề xuất nên không xác nhận được / the person was not shown",
    "no_person": "Hồ sơ chưa có người được đề xuất / nobody was proposed for the record",
    "record_changed": "Hồ sơ đã thay đổi từ khi gửi danh sách; hãy trả lời ở danh sách mới "
    "/ the record has changed since",
    "person_changed": "Thông tin dân cư đã thay đổi từ khi gửi danh sách; hãy trả lời ở danh sách mới "
    "/ the registry's entry has changed since",
    "not_second": "Hai người đã trả lời khác nhau; chỉ người xác minh thứ hai quyết định được "
    "/ two differ: a second reviewer settles it",
    "same_person": "Người trả lời trước và sau là một; cần người thứ ba / the third answer must be another person's",
}
"""Code → why an answer was refused."""
