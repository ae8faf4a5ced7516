"""A sector of somebody's own, as docs/new-sector.md writes one: a sports club and its register of members."""

from pathlib import Path

SECTOR = """
title_vi = "Câu lạc bộ"
title_en = "Sports club"
one_record_per_person = true
foreign = true
key = "row"

[[column]]
name = "row"
kind = "code"
title_vi = "Mã dòng"
title_en = "Row"

[[column]]
name = "full_name"
kind = "foreign_name"
title_vi = "Họ và tên"
title_en = "Name"
required = true
given_first = true
aliases = ["member name"]

[[column]]
name = "id_number"
kind = "foreign_id"
title_vi = "Số thẻ"
title_en = "Card"
required = true
aliases = ["card"]

[[registry.column]]
name = "person_id"
kind = "foreign_id"
title_vi = "Số thẻ"
title_en = "Card"
required = true
aliases = ["card"]

[[registry.column]]
name = "full_name"
kind = "foreign_name"
title_vi = "Họ và tên"
title_en = "Name"
family = "last_name"
given = "first_name"

[[registry.column]]
name = "last_name"
kind = "text"
title_vi = "Họ"
title_en = "Last name"
required = true

[[registry.column]]
name = "first_name"
kind = "text"
title_vi = "Tên"
title_en = "First name"
required = true
"""

MEMBERS = [
    ("10-4471-A", "García Márquez", "Gabriel", "1950-03-06"),
    ("10-5523-B", "O'Brien", "Siobhán", "1988-11-02"),
    ("10-6638-C", "Müller", "Jörg", "1971-07-19"),
    ("10-7749-D", "Smith", "John", "1990-01-31"),
    ("10-8851-E", "Ng", "Mei Ling", "2001-09-14"),
]

ROWS = {
    "1": ("Gabriel Garcia Marquez", "10 4471 a", "06/03/1950", "10-4471-A"),  # two family names: read as one
    "2": ("SIOBHAN OBRIEN", "105523B", "19881102", "10-5523-B"),
    "3": ("Muller, Jorg", "10-6683-C", "1971-07-19", "10-6638-C"),  # two digits of the card exchanged
    "4": ("Smith John", "10-7749-D", "1990-01-31", "10-7749-D"),  # family name first
    "5": ("Mei Ling Ng", "", "2001-09-14", "10-8851-E"),  # no card
    "6": ("Ada Lovelace", "10-9999-Z", "1985-12-10", None),  # no member
}
"""Row → name, card, date, and whose it is."""


def write(folder: Path) -> tuple[Path, Path, Path]:
    """The sector's table, the register and the list, as files."""
    people = [f"{card},{last},{first},{born}" for card, last, first, born in MEMBERS]
    rows = [f'{row},"{name}",{card},{born}' for row, (name, card, born, _) in ROWS.items()]
    files = {
        "club.toml": SECTOR,
        "members.csv": "\n".join(["card,last_name,first_name,date_of_birth", *people, ""]),
        "list.csv": "\n".join(["row,member name,card,date_of_birth", *rows, ""]),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "club.toml", folder / "members.csv", folder / "list.csv"
