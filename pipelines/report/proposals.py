"""Says what a record should say instead, and which single change would match it: SQL over core, links and person.

What the registry holds is said only where a row of `person` was joined, which is for recipients who may see it. What
follows from the record's own cells (a number's lost zeros, capital letters) is everybody's.
"""

_DAY = "array_to_string(list_reverse(string_split({}, '-')), '/')"


def _masked(number: str) -> str:
    """As `vn.ids.mask`, of a 12-digit number."""
    return f"left({number}, 3) || '*****' || right({number}, 4)"


REGISTRY_SQL = f"""
CASE WHEN person.person_id IS NOT NULL THEN concat_ws(chr(10),
    CASE WHEN contains(links.differs, 'id_number') THEN 'Số định danh: ' || person.person_id END,
    CASE WHEN contains(links.differs, 'full_name') THEN 'Họ và tên: ' || person.full_name END,
    CASE WHEN contains(links.differs, 'date_of_birth') THEN 'Ngày sinh: ' || {_DAY.format("person.date_of_birth")} END,
    CASE WHEN contains(links.differs, 'sex') THEN 'Giới tính: ' || person.sex END)
END
"""
"""The registry's value of each field that disagrees, a line each; null where no person was joined."""

_MENDED = {"id_number": "số định danh ghi chưa đúng quy cách", "full_name": "họ tên ghi chưa đúng quy cách"}
"""Field → what a reason says where the record's value is right once mended (matching/explanation/reasons.toml)."""


def _left(said: str) -> str:
    """SQL of the fields in `said` whose right value does not follow from the record itself."""
    for field, words in _MENDED.items():
        said = f"list_filter({said}, lambda f: f <> '{field}' OR NOT contains(links.reason, '{words}'))"
    return said


OWN_SQL = f"""
CASE WHEN person.person_id IS NULL AND links.decision = 'link' AND links.differs <> '' THEN concat_ws(chr(10),
    CASE WHEN contains(links.reason, '{_MENDED["id_number"]}') THEN 'Số định danh: ' || {_masked("core.id_number")} END,
    CASE WHEN contains(links.reason, '{_MENDED["full_name"]}') THEN 'Họ và tên: ' || core.full_name END,
    'Theo giấy tờ gốc: ' || nullif(array_to_string(
        list_transform({_left("string_split(links.differs, ',')")}, lambda f: {{titles}}[f]), ', '), ''))
END
"""
"""How the record's own cells should be written, a line each, and which fields the papers have to settle."""

ONE_FIX_SQL = """
CASE WHEN links.decision = 'link' AND links.differs = '' THEN NULL
     WHEN links.decision = 'link' AND NOT contains(links.differs, ',') THEN {titles}[links.differs]
     WHEN links.decision = 'link' THEN 'Không: sai ' || len(string_split(links.differs, ',')) || ' chỗ'
     WHEN outcomes.status = 'duplicate' THEN 'Bỏ hồ sơ trùng'
     WHEN outcomes.status = 'unverifiable' THEN 'Họ và tên hoặc số định danh'
     ELSE 'Số định danh' END
"""
"""The one field whose correction alone would match the record. Of a linked record the only one that disagrees; of one
without a link the number: a right number finds its person whatever else is wrong.
"""


def own_sql(titles: dict[str, str]) -> str:
    """`OWN_SQL` with the fields' titles."""
    return OWN_SQL.format(titles=_map(titles))


def one_fix_sql(titles: dict[str, str]) -> str:
    """`ONE_FIX_SQL` with the fields' titles."""
    return ONE_FIX_SQL.format(titles=_map(titles))


def _map(titles: dict[str, str]) -> str:
    return "MAP {" + ", ".join(f"'{field}': '{title}'" for field, title in titles.items()) + "}"
