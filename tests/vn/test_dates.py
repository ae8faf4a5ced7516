"""Dates of birth: every form of docs/sources.md 4.3, precision and alternative; scalar and column agree."""

from datetime import date

import polars as pl
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from vn import dates

NIGHT = date(2026, 11, 22)

# cell, date, alternative, repairs, why the row is here
READ = [
    ("05/09/1987", "1987-09-05", "1987-05-09", "", "the norm; both could be the day"),
    ("5/9/1987", "1987-09-05", "1987-05-09", "", "no leading zeros"),
    ("25/09/1987", "1987-09-25", None, "", "25 is no month: no other reading"),
    ("05/05/1987", "1987-05-05", None, "", "swapping changes nothing"),
    ("1987-09-05", "1987-09-05", "1987-05-09", "", "ISO; Excel may have swapped before"),
    ("1987/9/5", "1987-09-05", "1987-05-09", "", "year first"),
    ("05.09.1987", "1987-09-05", "1987-05-09", "", "dots"),
    ("05-09-1987", "1987-09-05", "1987-05-09", "", "dashes"),
    ("05 09 1987", "1987-09-05", "1987-05-09", "", "spaces"),
    (" 05 / 09 / 1987 ", "1987-09-05", "1987-05-09", "", "loose"),
    ("05\\09\\1987", "1987-09-05", "1987-05-09", "", "backslashes"),
    ("25/09/1987\ufe0d", "1987-09-25", None, "invisible", "variation selector"),
    ("\u202d25/09/1987\u202c", "1987-09-25", None, "invisible", "marks of direction"),
    ("٢٥/٠٩/١٩٨٧", "1987-09-25", None, "other_digits", "Arabic digits"),
    ("๒๕/๐๙/๑๙๘๗", "1987-09-25", None, "other_digits", "Thai digits"),
    ("０５／０９／１９８７", "1987-09-05", "1987-05-09", "full_width", "full-width"),
    ("05/09/1987\u200b", "1987-09-05", "1987-05-09", "invisible", "zero-width space"),
    ("'05/09/1987", "1987-09-05", "1987-05-09", "apostrophe", "Excel's text mark"),
    ("ngày 5 tháng 9 năm 1987", "1987-09-05", "1987-05-09", "words", "as on papers"),
    ("Ngày 25 tháng 09 năm 1987", "1987-09-25", None, "words", "as on papers"),
    ("Sinh ngày 25/09/1987", "1987-09-25", None, "words", "label"),
    ("25-Sep-1987", "1987-09-25", None, "words", "Excel, English"),
    ("Sep 25, 1987", "1987-09-25", None, "words", "American"),
    ("25-Sep-87", "1987-09-25", None, "words,two_digit_year", "Excel, English, short"),
    ("25/09/87", "1987-09-25", None, "two_digit_year", "2087 is to come"),
    ("25/09/12", "2012-09-25", "1912-09-25", "two_digit_year", "either century"),
    ("25/09/03", "2003-09-25", None, "two_digit_year", "nobody is 123"),
    ("05/09/12", "2012-09-05", "2012-05-09", "two_digit_year", "the swap is likelier than a centenarian"),
    ("22/11/26", "2026-11-22", "1926-11-22", "two_digit_year", "born tonight"),
    ("23/11/26", "1926-11-23", None, "two_digit_year", "tomorrow is to come"),
    ("87-09-25", "1987-09-25", None, "two_digit_year", "87 is no day"),
    ("12/25/1987", "1987-12-25", None, "swapped", "25 is no month"),
    ("1987-25-12", "1987-12-25", None, "swapped", "25 is no month"),
    ("01/01/1954", "1954-01-01", None, "first_of_january", "default day"),
    ("1954-01-01", "1954-01-01", None, "first_of_january", "default day"),
    ("35796", "1998-01-01", None, "excel_serial,first_of_january", "Excel serial"),
    ("29224", "1980-01-04", "1980-04-01", "excel_serial", "Excel serial"),
    ("35808.0", "1998-01-13", None, "excel_serial", "Excel serial as float"),
    ("35808.7083", "1998-01-13", None, "excel_serial", "Excel serial with a time"),
    ("1987-09-25 00:00:00", "1987-09-25", None, "time_dropped", "time suffix"),
    ("25/09/1987 0:00", "1987-09-25", None, "time_dropped", "time suffix"),
    ("25/09/1987 12:00:00 SA", "1987-09-25", None, "time_dropped", "Vietnamese Windows"),
    ("9/25/1987 12:00:00 AM", "1987-09-25", None, "time_dropped,swapped", "American Windows"),
    ("1987-09-25T00:00:00", "1987-09-25", None, "time_dropped", "ISO with time"),
    ("1987-09-25T00:00:00+07:00", "1987-09-25", None, "time_dropped", "local zone: nothing moves"),
    ("1987-09-24T17:00:00Z", "1987-09-25", None, "time_dropped,utc_shift", "midnight here is 17:00 UTC"),
    ("1987-09-24T17:00:00.000Z", "1987-09-25", None, "time_dropped,utc_shift", "JSON from JavaScript"),
    ("1987-12-31T17:00:00+00:00", "1988-01-01", None, "time_dropped,utc_shift,first_of_january", "over the year"),
    ("1965-09-24T16:00:00Z", "1965-09-25", None, "time_dropped,utc_shift", "Sài Gòn was at UTC+8"),
    ("1987-09-24T16:00:00Z", "1987-09-24", None, "time_dropped", "23:00 here"),
    ("1957-09-24T16:00:00Z", "1957-09-24", None, "time_dropped", "23:00 here: UTC+7 from 1955 to 1959"),
    ("1945-05-24T15:00:00Z", "1945-05-25", None, "time_dropped,utc_shift", "the Japanese months: UTC+9"),
    ("1908-05-24T16:53:30Z", "1908-05-25", None, "time_dropped,utc_shift", "by the sun of Sài Gòn: UTC+7:06:30"),
    ("1965-09-25 00:00:00.000000+08:00", "1965-09-25", None, "time_dropped", "Parquet, Asia/Ho_Chi_Minh"),
    ("1945-05-25T00:00:00+09:00", "1945-05-25", None, "time_dropped", "midnight of the clock then"),
    ("1908-05-25 00:00:00+07:06:30", "1908-05-25", None, "time_dropped", "Python's offset with seconds"),
    ("1987-09-24 17:00:00+00", "1987-09-25", None, "time_dropped,utc_shift", "PostgreSQL's offset in hours"),
    ("1987-09-24T17:00:00Z[UTC]", "1987-09-25", None, "time_dropped,utc_shift", "Java's zone beside the offset"),
    ("Sep 25 1987 00:00:00 GMT+0700 (Indochina Time)", "1987-09-25", None, "words,time_dropped", "JavaScript"),
    ("1987-09-24T10:00:00-07:00", "1987-09-25", None, "time_dropped,utc_shift", "a server in California"),
    ("24/09/1987 17:00:00 +00:00", "1987-09-25", None, "time_dropped,utc_shift", "day first"),
    ("1987-09-24 17:00:00", "1987-09-24", "1987-09-25", "time_dropped", "the zone was cut off: both"),
    ("1965-09-24 16:00:00", "1965-09-24", "1965-09-25", "time_dropped", "the same at UTC+8"),
    ("1987-09-24 17:30:00", "1987-09-24", None, "time_dropped", "an hour that begins no day"),
    ("25091987", "1987-09-25", None, "no_separators", "day first"),
    ("05091987", "1987-09-05", "1987-05-09", "no_separators", "day first"),
    ("19870925", "1987-09-25", None, "no_separators", "year first"),
    ("09251987", "1987-09-25", None, "no_separators,swapped", "month first"),
    ("5091987", "1987-09-05", "1987-05-09", "no_separators,zero_padded", "Excel dropped the zero"),
    ("250987", "1987-09-25", None, "no_separators,two_digit_year", "six digits"),
    ("19870925.0", "1987-09-25", None, "decimal_zero,no_separators", "a number printed as a float"),
    ("29/02/2000", "2000-02-29", None, "", "leap year"),
    ("22/11/2026", "2026-11-22", None, "", "born tonight"),
    ("09/1987", "1987-09", None, "", "month and year"),
    ("9-1987", "1987-09", None, "", "month and year"),
    ("1987-09", "1987-09", None, "", "month and year"),
    ("091987", "1987-09", None, "no_separators", "month and year"),
    ("198709", "1987-09", None, "no_separators", "year and month"),
    ("191005", "2005-10-19", "1910-05", "no_separators,two_digit_year", "ddmmyy or yyyymm"),
    ("tháng 9 năm 1987", "1987-09", None, "words", "month and year"),
    ("--/09/1987", "1987-09", None, "blank_parts", "no day"),
    ("00/09/1987", "1987-09", None, "blank_parts", "no day"),
    ("1987-09-00", "1987-09", None, "blank_parts", "no day"),
    ("1954", "1954", None, "", "year only"),
    ("1954.0", "1954", None, "decimal_zero", "year as float"),
    ("54", "1954", None, "two_digit_year", "year only, short"),
    ("năm 1954", "1954", None, "words", "year only"),
    ("Sinh năm 1954", "1954", None, "words", "year only"),
    ("--/--/1954", "1954", None, "blank_parts", "year only"),
    ("-/-/1954", "1954", None, "blank_parts", "year only"),
    ("00/00/1954", "1954", None, "blank_parts", "year only"),
    ("0/0/1954", "1954", None, "blank_parts", "year only"),
    ("../../1954", "1954", None, "blank_parts", "year only"),
    ("__/__/1954", "1954", None, "blank_parts", "year only"),
    ("??/??/1954", "1954", None, "blank_parts", "year only"),
    ("xx/xx/1954", "1954", None, "blank_parts", "year only"),
    ("1954-00-00", "1954", None, "blank_parts", "year only"),
    ("05/--/1954", "1954", None, "blank_parts", "a day without a month says nothing"),
    ("2026", "2026", None, "", "this year"),
    ("05/09/1987 (âm lịch)", "1987-10-27", "1987-09-05", "lunar", "says that it is lunar"),
    ("05/09/1987 ÂL", "1987-10-27", "1987-09-05", "lunar", "says that it is lunar"),
]

# cell, why not
NOTHING = [
    (None, "missing"),
    ("", "missing"),
    ("  ", "missing"),
    ("00/00/0000", "filler"),
    ("0000-00-00", "filler"),
    ("--/--/----", "filler"),
    ("0", "filler"),
    (".", "filler"),
    ("x", "filler"),
    ("không rõ", "filler"),
    ("Không nhớ", "filler"),
    ("NULL", "filler"),
    ("NaT", "filler"),
    ("01/01/1900", "filler"),
    ("1900-01-01 00:00:00", "filler"),
    ("30/12/1899", "filler"),
    ("01/01/0001", "filler"),
    ("30/02/1987", "impossible"),
    ("31/11/1987", "impossible"),
    ("29/02/1987", "impossible"),
    ("29/02/1900", "impossible"),
    ("13/25/1987", "impossible"),
    ("32/01/1987", "impossible"),
    ("13/1987", "impossible"),
    ("30021987", "impossible"),
    ("23/11/2026", "future"),
    ("05/09/2062", "future"),
    ("12/2026", "future"),
    ("2027", "future"),
    ("2026-11-22T17:00:00Z", "future"),
    ("31/12/1899", "filler"),
    ("30/11/1899", "before_1900"),
    ("05/09/1087", "before_1900"),
    ("1854", "before_1900"),
    ("5/9", "unreadable"),
    ("05/09/987", "unreadable"),
    ("05/09/19877", "unreadable"),
    ("99999", "unreadable"),
    ("366", "unreadable"),
    ("00400", "unreadable"),
    ("46350", "unreadable"),
    ("1234567890", "unreadable"),
    ("05/09/0000", "unreadable"),
    ("Nguyễn Văn An", "unreadable"),
    ("05/chín/1987", "unreadable"),
    ("079203012345", "unreadable"),
]

CELLS = [row[0] for row in READ] + [row[0] for row in NOTHING]


@pytest.mark.parametrize(("cell", "day", "alternative", "repairs", "why"), READ)
def test_a_date_is_read(cell: str, day: str, alternative: str | None, repairs: str, why: str) -> None:
    reading = dates.read(cell, NIGHT)
    assert (reading.date_of_birth, reading.birth_alternative, reading.birth_repairs) == (day, alternative, repairs), why
    assert reading.birth_why_not is None
    assert reading.birth_year == int(day[:4])
    assert reading.birth_precision == {4: "year", 7: "month", 10: "day"}[len(day)]


@pytest.mark.parametrize(("cell", "why_not"), NOTHING)
def test_what_is_no_date_says_why(cell: str | None, why_not: str) -> None:
    assert dates.read(cell, NIGHT) == dates.Reading(birth_why_not=why_not)
    assert dates.normalise(cell, NIGHT) is None
    assert dates.why_not(cell, NIGHT) == why_not


def test_the_same_cell_changes_with_the_night_only_where_it_must() -> None:
    assert dates.normalise("25/09/30", date(2029, 1, 1)) == "1930-09-25"
    assert dates.normalise("25/09/30", date(2031, 1, 1)) == "2030-09-25"
    assert dates.why_not("25/09/2030", date(2029, 1, 1)) == "future"


def test_what_the_tables_list_is_what_the_readings_use() -> None:
    readings = [dates.read(cell, NIGHT) for cell in CELLS]
    assert {reading.birth_why_not for reading in readings} - {None} == set(dates.WHY_NOT)
    assert {code for r in readings for code in r.birth_repairs.split(",")} - {""} == set(dates.REPAIRS)
    assert not dates.LOSSLESS & {"swapped", "two_digit_year", "lunar", "zero_padded"}
    assert {"utc_shift", "first_of_january"} <= dates.LOSSLESS


def test_the_column_is_the_scalar_on_every_case() -> None:
    frame = dates.standardise(pl.Series("any name", CELLS), NIGHT)
    assert frame.columns == list(dates.Reading._fields)
    assert frame.schema["birth_year"] == pl.Int16
    for cell, row in zip(CELLS, frame.rows(), strict=True):
        assert row == dates.read(cell, NIGHT), cell


def test_an_empty_and_an_all_null_column() -> None:
    assert dates.standardise(pl.Series([], dtype=pl.String), NIGHT).shape == (0, 6)
    assert dates.standardise(pl.Series([None, None]), NIGHT)["birth_why_not"].to_list() == ["missing", "missing"]


near_dates = st.from_regex(r"\A[0-9]{1,4}[/.\- ][0-9]{1,4}([/.\- ][0-9]{1,4})?\Z") | st.text(
    "0123456789/-.:TZ x", max_size=20
)
any_text = near_dates | st.text(max_size=24) | st.sampled_from([cell for cell in CELLS if cell is not None])
past = st.dates(date(1900, 1, 2), NIGHT)


@given(st.lists(st.none() | any_text, max_size=12))
def test_the_column_is_the_scalar_on_any_text(cells: list[str | None]) -> None:
    rows = dates.standardise(pl.Series(cells, dtype=pl.String), NIGHT).rows()
    assert rows == [dates.read(cell, NIGHT) for cell in cells]


@given(any_text)
def test_normalise_is_idempotent_and_every_reading_is_lawful(text: str) -> None:
    reading = dates.read(text, NIGHT)
    assert (reading.date_of_birth is None) == (reading.birth_why_not is not None)
    for day in (reading.date_of_birth, reading.birth_alternative):
        if day is not None:
            assert "1900" <= day <= NIGHT.isoformat()
            assert dates.normalise(day, NIGHT) == day
    assert reading.date_of_birth is None or reading.birth_alternative != reading.date_of_birth


@given(
    past,
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d%m%Y", "%Y%m%d", "ngày %d tháng %m năm %Y", "%d-%b-%Y"]),
)
def test_every_day_is_read_back_from_every_full_form(day: date, form: str) -> None:
    assert dates.normalise(day.strftime(form), NIGHT) == day.isoformat()


@given(st.dates(date(1927, 5, 18), NIGHT))
def test_every_five_digit_serial_is_its_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert dates.normalise(str(serial), NIGHT) == day.isoformat()


@given(
    st.dates(date(1911, 5, 1), NIGHT), st.sampled_from(["UTC", "Asia/Ho_Chi_Minh", "America/Los_Angeles", "Etc/GMT-7"])
)
@example(date(1911, 5, 1), "UTC")
@example(date(1943, 1, 1), "UTC")
@example(date(1945, 9, 3), "Asia/Ho_Chi_Minh")
@example(date(1975, 6, 12), "UTC")
def test_midnight_here_comes_back_from_whatever_zone_it_was_sent_in(day: date, zone: str) -> None:
    midnight = (
        pl.Series([day])
        .cast(pl.Datetime)
        .dt.replace_time_zone("Asia/Ho_Chi_Minh", ambiguous="earliest", non_existent="null")
    )
    sent = midnight.dt.convert_time_zone(zone).cast(pl.String).item()
    assume(sent is not None)  # 1947-04-01 began at one o'clock
    reading = dates.read(sent, NIGHT)
    assert reading.date_of_birth == day.isoformat()
    assert set(reading.birth_repairs.split(",")) <= dates.LOSSLESS


@given(past)
def test_the_alternative_of_a_swap_has_the_day_as_its_alternative(day: date) -> None:
    other = dates.read(day.isoformat(), NIGHT).birth_alternative
    if other is not None:
        assert dates.read(other, NIGHT).birth_alternative == day.isoformat()
