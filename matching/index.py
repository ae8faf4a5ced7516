"""Makes a snapshot's side files: an index of key values, and columns that read one person in one step.

`prepare` writes a folder beside the snapshot: for each key of blocking.toml a sorted list of numbers, the value's hash
above and the person's place `p` below; `people.arrow`, the people so that single ones can be read; `rarity.npy`, how
common the values of each are; and `letters.npy`, which letters each name has. A link then costs what its records cost:
it looks their values up by halving, and reads only the people whom it finds.
"""

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow

from matching import keys, term_frequency
from matching.letters import OTHER_NAMES, letters_of
from matching.model import DIRECTORY, Key, Model, Stated

PEOPLE, RARITY, LETTERS, DESCRIBED = "people.arrow", "rarity.npy", "letters.npy", "index.json"
MAKERS = ("index.py", "keys.py", "letters.py", "term_frequency.py", "value_counts.py")
"""Modules that decide what stands in the side files: after a change in one of them the files are made again."""

BATCH_ROWS = 131_072
_BATCHES_AT_ONCE = 4

OnShare = Callable[[float], None]

_PEOPLE_SHARE, _KEYS_SHARE = 0.3, 0.6
"""Of the time, what has gone by when the people stand there, and when the keys only have to be sorted."""


def prepare(
    connection: duckdb.DuckDBPyConnection, snapshot: Path, model: Model, on_share: OnShare = lambda share: None
) -> Path:
    """The folder of the snapshot's side files, written if it is not there whole; side files of other tables are
    removed.

    `connection` has the view `registry`. `on_share` hears which share of the work is done, 0–1.
    Errors: ValueError if there are more people than a place has bits for.
    """
    digest = _digest(snapshot, model)
    folder = snapshot.with_name(f"{snapshot.stem}.{digest[:16]}.index")
    if _is_whole(folder):
        return folder
    building = snapshot.with_name(f".{snapshot.stem}.{os.getpid()}.part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        _write(connection, building, model, on_share)
        if not _is_whole(folder):  # another process may have been first; what it wrote is the same
            for stale in snapshot.parent.glob(f"{glob.escape(snapshot.stem)}.*.index"):
                shutil.rmtree(stale)
            building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, model: Model, on_share: OnShare) -> None:
    starts = _write_people(connection, folder / PEOPLE)
    on_share(_PEOPLE_SHARE)
    with ThreadPoolExecutor(1) as beside:
        rated = beside.submit(_write_rarity, folder / PEOPLE, folder / RARITY, model.stated)
        _write_keys(folder, model.key, on_share)
        rated.result()
    written = [folder / name for name in (PEOPLE, RARITY, LETTERS, *(f"{name}.npy" for name in _names(model.key)))]
    for path in written:
        _sync(path)
    described = {"starts": starts, "bytes": {path.name: path.stat().st_size for path in written}}
    (folder / DESCRIBED).write_text(json.dumps(described), encoding="utf-8")
    _sync(folder / DESCRIBED)


_PEOPLE = f"""
SELECT p, person_id, full_name, name_key, date_of_birth, birth_year, sex, old_ids, other_names,
       list_transform(other_names, lambda name: {keys.FOLD.format(text="name")}) AS other_keys,
       province_code, commune_code, {keys.FOLD.format(text="mother_name")} AS mother_key,
       {keys.FOLD.format(text="father_name")} AS father_key, status
FROM registry
"""
"""In the file's order, which DuckDB keeps unless it is told otherwise; a sort would move every person once more."""


def _write_people(connection: duckdb.DuckDBPyConnection, path: Path) -> list[int]:
    """Where each batch of people begins, and their number at the end."""
    starts = [0]
    reader = connection.sql(_PEOPLE).to_arrow_reader(BATCH_ROWS)
    with pyarrow.ipc.new_file(path, reader.schema.remove(0)) as writer:
        for batch in reader:
            places = batch.column("p").to_numpy()
            starts.append(starts[-1] + batch.num_rows)
            if not np.array_equal(places, np.arange(*starts[-2:])) or starts[-1] > 2**keys.PLACE_BITS:
                raise ValueError(f"people {starts[-2]} to {starts[-1]} did not come in their places")
            writer.write_batch(batch.drop_columns(["p"]))
    return starts


def _write_rarity(people: Path, path: Path, stated: Stated) -> None:
    """The persons' rarities, one row a place."""
    with pyarrow.memory_map(str(people)) as mapped:
        rows = pyarrow.ipc.open_file(mapped).read_all()
        shape = (rows.num_rows, len(term_frequency.COLUMNS))
        table = np.lib.format.open_memmap(path, mode="w+", dtype=np.int16, shape=shape)
        for name, column in term_frequency.rate(rows, stated):
            table[:, term_frequency.COLUMNS.index(name)] = column
        table.flush()


def _write_keys(folder: Path, wanted: Sequence[Key], on_share: OnShare) -> None:
    """`<key>.npy` for each key: sorted, no pair twice; and the letters of each person's name, one entry a place.

    Some people are in memory at a time, then one key, 8 bytes a person.
    """
    letters, place = [np.empty(0, np.uint32)], 0
    for people in _slices(folder / PEOPLE):
        people = people.with_columns(p=pl.int_range(place, place + pl.len(), dtype=pl.UInt64))
        place += people.height
        letters.append(letters_of(people["name_key"]) | people.select(_OTHER_NAMES).to_series().to_numpy())
        named, numbered = keys.by_every_name(people), keys.by_every_number(people)
        found = keys.values(named, wanted).with_columns(pl.all() | named["p"])
        number = keys.of_numbers(numbered["number"]) | numbered["p"]
        for column in (*found.iter_columns(), number.alias(keys.NUMBER)):
            with _raw(folder, column.name).open("ab") as file:
                column.drop_nulls().to_numpy().tofile(file)
    np.save(folder / LETTERS, np.concatenate(letters))
    names = _names(wanted)
    for done, name in enumerate(names):
        on_share(_KEYS_SHARE + (1 - _KEYS_SHARE) * done / len(names))
        _sort(_raw(folder, name), folder / f"{name}.npy")


_OTHER_NAMES = (pl.col("other_names").list.len() > 0).fill_null(False).cast(pl.UInt32) * int(OTHER_NAMES)


def _names(wanted: Sequence[Key]) -> list[str]:
    return [*(key.name for key in wanted), keys.NUMBER]


def _slices(people: Path) -> Iterator[pl.DataFrame]:
    """The people in their places, some at a time: what keys and letters are made of."""
    columns = [*keys.COLUMNS, "old_ids", "other_names", "other_keys"]
    # Not mapped: what was read of a mapped file would stay in memory.
    with pyarrow.OSFile(str(people)) as file:
        names = pyarrow.ipc.open_file(file).schema.names
        wanted = pyarrow.ipc.IpcReadOptions(included_fields=[names.index(name) for name in columns])
        reader = pyarrow.ipc.open_file(file, options=wanted)
        for first in range(0, reader.num_record_batches, _BATCHES_AT_ONCE):
            numbers = range(first, min(first + _BATCHES_AT_ONCE, reader.num_record_batches))
            frame = pl.from_arrow([reader.get_batch(number) for number in numbers])
            assert isinstance(frame, pl.DataFrame)
            yield frame


def _sort(raw: Path, path: Path) -> None:
    entries = np.fromfile(raw, dtype=np.uint64) if raw.exists() else np.empty(0, np.uint64)
    entries = pl.Series(entries).sort().to_numpy()  # with all threads
    repeated = entries[1:] == entries[:-1]
    if repeated.any():  # by one who has the value under two names
        entries = entries[np.append(True, ~repeated)]
    np.save(path, entries)
    raw.unlink(missing_ok=True)


def _raw(folder: Path, name: str) -> Path:
    return folder / f"{name}.raw"


def _digest(snapshot: Path, model: Model) -> str:
    """Of everything that the side files follow from: the snapshot, the tables, the code, and how Polars hashes."""
    with snapshot.open("rb") as file:
        file.seek(-8, os.SEEK_END)
        file.seek(-8 - int.from_bytes(file.read(4), "little"), os.SEEK_END)
        footer = file.read()
    state = snapshot.stat()
    hashes = keys.of_numbers(pl.Series(["Sạch Sống"])).to_list()
    stated = [[[key.name, *key.parts] for key in model.key], model.stated.model_dump()]
    code = [hashlib.sha256((DIRECTORY / name).read_bytes()).hexdigest() for name in MAKERS]
    facts = [state.st_size, state.st_mtime_ns, hashlib.sha256(footer).hexdigest(), hashes, stated, code]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _is_whole(folder: Path) -> bool:
    try:
        described = json.loads((folder / DESCRIBED).read_bytes())
        return all((folder / name).stat().st_size == size for name, size in described["bytes"].items())
    except (OSError, ValueError):
        return False


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
