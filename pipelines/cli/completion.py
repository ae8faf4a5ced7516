"""Writes shell completion scripts offline, for `--show-completion` and `--install-completion`."""

from enum import StrEnum

import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script, install

from pipelines.cli.language import say

PROGRAM, VARIABLE = "sachsong", "_SACHSONG_COMPLETE"


class Shell(StrEnum):
    """A shell with completion."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


completion_init()  # so that the scripts' questions are answered


def show(shell: Shell | None) -> None:
    """Prints the shell's completion script and ends the process."""
    if shell is not None:
        typer.echo(get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell.value))
        raise typer.Exit


def put_in_place(shell: Shell | None) -> None:
    """Writes the shell's completion script where the shell looks for it and ends the process."""
    if shell is not None:
        _, path = install(shell=shell.value, prog_name=PROGRAM, complete_var=VARIABLE)
        typer.echo(say(f"Đã cài vào {path}; mở lại cửa sổ lệnh.", f"Installed in {path}; open the terminal again."))
        raise typer.Exit
