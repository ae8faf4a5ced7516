"""Eight people of a registry, and records about them and about nobody, whose links a reader can judge by hand."""

from tests.matching.tables import person, record

AN = person("001200000001", "Nguyễn Minh An", "2000-05-06", "Nam", province_code="01", commune_code="00001")
AN_TWIN = person("001200000002", "Nguyễn Minh Ân", "2000-05-06", "Nam", province_code="01", commune_code="00001")
HANH = person(
    "079190123456", "Trần Thị Hồng Hạnh", "1990-07-12", "Nữ",
    old_ids=["023456789", "079190999999"], other_names=["Trần Thị Hạnh"], province_code="79", commune_code="26734",
)  # fmt: skip
TAM = person("038055000777", "Lê Văn Tám", "1955", "Nam", status="deceased", province_code="38")
BAY = person("040085000123", "Võ Thị Bảy", "1985-03-04", "Nữ", status="emigrated")
CHIN = person("040085000999", "Hồ Văn Chín", "1985-03-05", "Nam", status="cancelled")
BINH = person(
    "092315004321", "Phan Gia Bình", "2015-09-08", "Nam", mother_name="Trần Thị Hồng Hạnh", commune_code="31117"
)
MAI = person("040150000321", "Cụt Thị Mai", "1950", "Nữ")
PEOPLE = [AN, AN_TWIN, HANH, TAM, BAY, CHIN, BINH, MAI]

CASES = [
    (record("Nguyễn Minh An", "2000-05-06", "Nam", "001200000001"), "link", "agreed", "", "four fields"),
    (record("Trần Thị Hạnh", "1990-07-12", "Nữ", "079190123456"), "link", "agreed", "", "a legal earlier name"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456", name_repairs="telex"),
     "link", "wrong_information", "full_name", "right only after a guess at what was typed"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456", name_repairs="case,spacing"),
     "link", "agreed", "", "lossless repairs change nothing"),
    (record("Trần Hồng Hạnh", "1990-12-07", "Nữ", "079190123456"),
     "link", "wrong_information", "full_name,date_of_birth", "Thị dropped, day and month swapped"),
    (record("Tran Thi Hong Hanh", "1990", "Nữ", "079190123456"),
     "link", "wrong_information", "full_name,date_of_birth", "no marks, year only"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nam", "079190123456"), "link", "wrong_information", "sex", "sex"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123465"), "link", "wrong_id", "id_number", "neighbours"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "07919012345"),
     "link", "bad_id_format", "id_number", "the last digit lost"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456", id_repairs="zero_padded"),
     "link", "bad_id_format", "id_number", "right only with a zero put before it"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "023456789"), "link", "cancelled_id", "id_number", "CMND"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190999999"),
     "link", "cancelled_id", "id_number", "re-issued"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", None, province_code="79", commune_code="26734"),
     "link", "missing_id", "id_number", "name, date and commune"),
    (record("Lê Văn Tám", "1955", "Nam", "038055000777"), "link", "deceased", "", "the registry has the year only"),
    (record("Võ Thị Bảy", "1985-03-04", "Nữ", "040085000123"), "link", "moved", "", "emigrated"),
    (record("Hồ Văn Chín", "1985-03-05", "Nam", "040085000999"), "link", "cancelled_id", "", "number cancelled"),
    (record("Phan Gia Bình", "2015-09-08", "Nam", "079190123456", mother_name="Trần Thị Hồng Hạnh"),
     "link", "id_of_another", "id_number", "his mother's number"),
    (record("Nguyễn Minh Ân", "2000-05-06", "Nam", "001200000001"),
     "review", "id_of_another", "id_number", "his twin's number"),
    (record("Nguyen Minh An", "2000-05-06", "Nam", None), "review", "ambiguous", "full_name,id_number", "either twin"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456", birth_repairs="two_digit_year"),
     "link", "wrong_information", "date_of_birth", "right only with a guessed century"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456", birth_repairs="excel_serial"),
     "link", "agreed", "", "an Excel serial says the whole date"),
    (record("Trần Thị Hồng Hạnh", "1990-07-12", "Nữ", "079190123456", birth_repairs="time_dropped,utc_shift"),
     "link", "agreed", "", "an instant that says its zone is on one day here"),
    (record("Cụt Thị Mai", "1950-01-01", "Nữ", "040150000321", birth_repairs="first_of_january"),
     "link", "agreed", "", "01/01, and the registry has the year only"),
    (record("Cụt Thị Mai", "1950", "Nữ", "040150000321"), "link", "agreed", "", "both have the year only"),
    (record("Cụt Thị Mai", "1950-05-19", "Nữ", "040150000321"),
     "link", "wrong_information", "date_of_birth", "a day that the registry does not have"),
    (record("Trần Thị Hồng Hạnh", "1990-01-01", "Nữ", "079190123456", birth_repairs="first_of_january"),
     "link", "wrong_information", "date_of_birth", "01/01 where the registry has the day"),
]  # fmt: skip
"""(record, decision, status, fields that differ, why) of records about one of PEOPLE."""

NOT_FOUND = [
    (record("Phạm Quốc Khánh", "1999-09-02", "Nam", "038099000777"), "not_found", "nobody like this"),
    (record("Phạm Quốc Khánh", "1999-09-02", "Nam", None), "not_found", "nobody like this, no number"),
    (record("Phạm Quốc Khánh", "1999-09-02", "Nam", "079190123456"), "id_of_another", "a stranger's number"),
    (record(None, "1999-09-02", "Nam", None), "unverifiable", "no name"),
    (record("Trần Thị Hồng Hạnh", None, "Nữ", None), "unverifiable", "neither date nor number"),
    (record("Nguyễn Minh Anh", "1950-01-02", "Nữ", None), "not_found", "a name that only looks alike"),
    (record("Nguyễn Minh Tú", "2000-05-06", "Nam", None), "not_found", "a brother born the same day, unknown here"),
]
"""(record, status, why) of records about nobody in PEOPLE, or too poor to say."""
