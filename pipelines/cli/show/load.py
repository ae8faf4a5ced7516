"""Prints how a file would be read."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.cli.language import say, told, told_whole
from pipelines.cli.show.console import OUT, show_json, titled_table
from pipelines.read.preview import HOW
from pipelines.sectors.schema import Sector


def show(sheets: Sequence[Mapping[str, Any]], sector: Sector, *, guessed: bool, as_json: bool) -> None:
    """Prints the columns, the first rows and the notes of each sheet; `guessed`: nobody named the sector."""
    if as_json:
        show_json(list(sheets))
        return
    if guessed:
        guess = say(f"Ngành đoán theo các cột: {sector.title_vi}", f"Sector guessed by the columns: {sector.title_en}")
        OUT.print(f"{guess} (--sector {sector.name})", markup=False, style="yellow")
    for sheet in sheets:
        _show(sheet, sector)


def _show(sheet: Mapping[str, Any], sector: Sector) -> None:
    place = " · ".join(filter(None, (sheet["source_file"], sheet.get("sheet"))))
    OUT.print(place, markup=False, style="bold")
    if sheet["refused"]:
        OUT.print(f"✗ {told_whole(sheet['message'])}", markup=False, style="red")
        OUT.print()
        return
    form = f"{sheet['format']}, {sheet['encoding']}; {say('dòng tiêu đề', 'header row')}: {sheet['header_row']}"
    OUT.print(form, markup=False)
    OUT.print(_columns(sheet, sector))
    OUT.print(_rows(sheet, sector))
    for row in sheet["rejected"]:
        OUT.print(f"✗ {say('dòng', 'row')} {row['source_row']}: {told_whole(row['message'])}", markup=False)
    for note in sheet["notes"]:
        OUT.print(f"• {told_whole(note['message'])}", markup=False)
    OUT.print()


def _columns(sheet: Mapping[str, Any], sector: Sector) -> Any:
    table = titled_table(
        "Cột của tệp / columns",
        "Cột / column",
        "Tiêu đề / header",
        "Được hiểu là / taken as",
        "Cách hiểu / how",
        "Độ chắc / sure",
    )
    for column in table.columns[1:4]:
        column.justify = "left"
    for each in sheet["columns"]:
        meant, how, sure = told("— giữ lại, chưa biết / — kept, unknown"), "", ""
        if each["column"]:
            known = sector.find(each["column"])
            part = f" ({each['part']})" if each["part"] else ""
            meant, how, sure = (
                f"{say(known.title_vi, known.title_en)}{part}",
                say(*HOW[each["how"]]),
                f"{each['confidence']:.0%}",
            )
        table.add_row(str(each["position"]), each["header"], meant, how, sure)
    return table


def _rows(sheet: Mapping[str, Any], sector: Sector) -> Any:
    rows = sheet["rows"]
    names = [name for name in (rows[0] if rows else {}) if name != "source_row"]
    table = titled_table(
        "Những dòng đầu, số được che / the first rows, numbers masked",
        "Dòng / row",
        *(say(sector.find(name).title_vi, sector.find(name).title_en) for name in names),
    )
    for column in table.columns[1:]:
        column.justify = "left"
    for row in rows:
        table.add_row(str(row["source_row"]), *(row[name] or "" for name in names))
    return table
