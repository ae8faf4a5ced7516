"""Says in words what a record's way is told with: verdicts, decisions, who decided, the gateway's flags."""

STATES = {
    "pass": ("đạt", "pass"),
    "fail": ("không đạt", "fail"),
    "not_known": ("chưa biết", "not known"),
    "not_applicable": ("không áp dụng", "not applicable"),
}
"""State of a word, or verdict of a rule → how it is told."""
DECISIONS = {"link": ("liên kết", "linked"), "review": ("chờ xác minh", "review"), "none": ("không liên kết", "none")}
WHO = {
    "model": ("mô hình", "the model"),
    "human": ("cán bộ", "a human"),
    "registry": ("trả lời xác thực", "the registry's answer"),
}
"""Whoever decided, in words."""
FLAGS = {"M": "khớp", "P": "khớp một phần", "N": "không khớp", "U": "không gửi", "X": "không có để so"}
"""The gateway's flags in words."""
