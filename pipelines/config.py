"""Holds the settings of a run: one frozen model. Where they come from: `pipelines.workspace.settings_sources`."""

import hashlib
import os
import re
import socket
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The registry's clock: a quota day begins at 00:00 here. No DST since 1975."""


def today() -> date:
    """The calendar day in Việt Nam, whatever the machine's zone."""
    return datetime.now(TIME_ZONE).date()


def _unmistakable(path: Path) -> Path:
    """The path; absolute where a library would take its first part for somebody's home (`~an`) or a URL (`file:`)."""
    return path.absolute() if re.match(r"~|[^/]*:", str(path)) else path


_ROLE = "(officer|reviewer|second|auditor|administrator)"
OneMeaning = Annotated[Path, AfterValidator(_unmistakable)]


class Settings(BaseModel):
    """Everything that a night depends on besides its input files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace: OneMeaning = Path("workspace")
    """Folder that holds inbox, registry, runs and the state database."""
    inbox: OneMeaning | None = None
    """Folder of the `<sector>/` folders with files; default `<workspace>/inbox`."""
    own_sectors: OneMeaning | None = None
    """Folder of custom sectors, a TOML file each, beside the package's; default `<workspace>/sectors`."""
    registry: OneMeaning | None = None
    """Registry file that each night loads first, if it has changed; default: what `registry load` loaded last."""
    lang: Literal["vi", "en"] | None = None
    """Language of the terminal; default the locale's."""
    office: str | None = Field(default=None, max_length=200)
    """Name of the office in whose name letters are written."""
    night: date = Field(default_factory=today)
    """The quota day, in Việt Nam; also the day against which ages are counted."""
    asks: bool | None = None
    """Whether the gateway is asked new questions; None: a night that is past when it starts asks nothing."""
    daily_cap: int = Field(default=200_000, ge=0)
    """Questions a day that the gateway answers for all tenants together."""
    state_url: str | None = None
    """SQLAlchemy URL of the state database; default SQLite `<workspace>/state.sqlite`."""
    gateway_url: str | None = None
    """URL of the gateway; default: the simulated one, embedded over the loaded registry."""
    gateway_secret_file: Path | None = None
    """File of the secret that signs messages; default the environment's SACHSONG_GATEWAY_SECRET."""
    gateway_unit: str = Field(default="sachsong", max_length=35)
    """Code of the unit that asks (MaDonVi)."""
    gateway_officer: str = Field(default="nightly", max_length=20)
    """Code of the officer in whose name the unit asks (MaCanBo)."""
    gateway_timeout_s: float = Field(default=30.0, gt=0)
    """Time limit for the whole of one reply."""
    gateway_clock: str = "real"
    """Clock that dates messages; another one than `real` only for a gateway whose own clock was set
    (gateway/protocol/clock.py).
    """
    approval: Literal["single", "two"] = "single"
    """How many people a change of rules, tables, model, cap, policy or weights needs; with one, each entry of the audit
    log says so.
    """
    second_factor: str | None = Field(default=None, pattern=rf"^(none|all|{_ROLE}( {_ROLE})*)$")
    """Roles that cannot use the review pages without a second factor: `all`, `none`, or their names; default all where
    the pages are reached from other machines, none on this one alone.
    """
    second_factor_key: Path | None = None
    """File of the key that encrypts second factors in the state database; default
    `~/.config/sachsong/second-factor.key`.
    """
    signing_key: Path | None = None
    """File of the key that signs heads of the audit log; default `~/.config/sachsong/signing.key`."""
    worker: str | None = None
    """Name of the worker among those of one state database; default this machine and workspace."""
    kept_tables: int = Field(default=7, ge=1)
    """Number of runs whose DuckDB file is kept in `<workspace>/work`; outputs are kept for good."""
    archive_days: int = Field(default=400, ge=1)
    """Number of days for which is kept what a night was made from, so that it can be repeated."""
    threads: int = Field(default_factory=lambda: min(8, os.cpu_count() or 2), ge=1)
    """Threads for DuckDB. Changes the speed, never a byte of the output."""
    memory_mb: int = Field(default=3_000, ge=256)
    """DuckDB's memory limit; above it DuckDB spills to `work_directory`."""

    @property
    def inbox_directory(self) -> Path:
        """The folder with one sub-folder a sector."""
        return self.inbox or self.workspace / "inbox"

    @property
    def sectors_directory(self) -> Path:
        """The folder of custom sectors' tables; it need not exist."""
        return self.own_sectors or self.workspace / "sectors"

    @property
    def registry_directory(self) -> Path:
        """The folder of registry snapshots."""
        return self.workspace / "registry"

    @property
    def work_directory(self) -> Path:
        """The folder of the runs' own tables, which can be rebuilt; not in the workspace if DuckDB cannot write there.

        DuckDB takes a `?` for the end of a path and writes its log elsewhere (docs/decisions/021).
        """
        path = str(self.workspace.resolve())
        if "?" not in path:
            return self.workspace / "work"
        named = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return Path(os.environ.get("TMPDIR") or "/var/tmp") / f"sachsong-{os.getuid()}-{named}"

    @property
    def linked_directory(self) -> Path:
        """The folder where linking remembers each sector's records; it can be deleted at any time."""
        return self.workspace / "linked"

    @property
    def runs_directory(self) -> Path:
        """The folder of each run's outputs."""
        return self.workspace / "runs"

    @property
    def archive_directory(self) -> Path:
        """The folder of what past nights were made from, each content once."""
        return self.workspace / "archive"

    @property
    def heads_directory(self) -> Path:
        """The folder of the audit log's heads at the end of each run."""
        return self.workspace / "heads"

    @property
    def signing_key_file(self) -> Path:
        """The file of the signing key, outside the workspace; it need not exist."""
        return self.signing_key or _keys_directory() / "signing.key"

    @property
    def second_factor_key_file(self) -> Path:
        """The file of the key that encrypts second factors, outside the workspace; made when it is first needed."""
        return self.second_factor_key or _keys_directory() / "second-factor.key"

    @property
    def worker_name(self) -> str:
        """One name for what one process at a time may do: a new turn under it ends the earlier ones."""
        return self.worker or f"{socket.gethostname()}:{self.workspace.resolve()}"

    @property
    def has_state(self) -> bool:
        """Whether there is a state database, or a server that may have one; a missing file is not made."""
        return self.state_url is not None or (self.workspace / "state.sqlite").is_file()


def _keys_directory() -> Path:
    """The folder of this machine's keys."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", "/")) / ".config"
    return Path(config) / "sachsong"


class Run(BaseModel):
    """One pass over tonight's files, with the paths of its tables and files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: Settings
    run_id: str
    """`<night>-<n>`, n counted from 1 within the night; no clock and no randomness in it."""

    @property
    def directory(self) -> Path:
        """The folder of the outputs: parquet, reports, data docs, manifest."""
        return self.settings.runs_directory / self.run_id

    @property
    def database(self) -> Path:
        """The run's own DuckDB file; can be rebuilt, so it is not an output."""
        return self.settings.work_directory / f"{self.run_id}.duckdb"

    @property
    def reports(self) -> Path:
        """The folder of the summary and the sectors' workbooks."""
        return self.directory / "reports"

    @property
    def cleaned(self) -> Path:
        """The folder of one Parquet file a sector, values as standardised."""
        return self.directory / "cleaned"

    @property
    def data_docs(self) -> Path:
        """The folder of Great Expectations' pages."""
        return self.directory / "data_docs"
