"""The smallest sector table that is right, to be spoilt line by line, and what an officer is told of it."""

import pytest

from pipelines.errors import BadInput
from pipelines.sectors import schema

TABLE = """title_vi = "Câu lạc bộ"
title_en = "Club"
one_record_per_person = true
key = "card"

[[column]]
name = "card"
kind = "code"
title_vi = "Số thẻ"
title_en = "Card"

[[column]]
name = "joined"
kind = "date"
title_vi = "Ngày vào"
title_en = "Joined"
"""


def faults(text: str, file: str = "club.toml") -> str:
    """What is told of a table that is refused."""
    with pytest.raises(BadInput) as refused:
        schema.parsed(file, text.encode())
    assert refused.value.code == "sector_table"
    return str(refused.value)
