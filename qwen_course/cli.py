"""The command `qwen-course`: doctor, run the course, work through it in JupyterLab, solve a notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from qwen_course.runner import Run

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, help=__doc__
)


@app.command()
def doctor() -> None:
    """Look over this machine: what the course finds, and what to do where something is missing."""
    from qwen_course.doctor import examine

    stopped = False
    for finding in examine():
        mark = "OK" if not finding.advice else "STOP" if finding.stops else "NOTE"
        typer.echo(f"{f'[{mark}]':<7}{finding.name:<12}{finding.detail}")
        if finding.advice:
            typer.echo(f"{'':<19}-> {finding.advice}")
        stopped = stopped or finding.stops
    typer.echo("The course cannot run yet: see [STOP]." if stopped else "The course can run here.")
    raise typer.Exit(int(stopped))


@app.command()
def run(
    notebooks: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="default: all of notebooks/")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(envvar="QWEN_COURSE_MODEL", help="hub id, folder or http://host/v1#model; default: pocket"),
    ] = None,
) -> None:
    """Execute notebooks in order; keep executed copies and a page of each under build/."""
    from rich.console import Console

    paths = notebooks or _course_notebooks()
    if len({path.stem for path in paths}) < len(paths):
        raise typer.BadParameter("two notebooks have the same name, and one page would replace the other")
    env = {**os.environ, "TQDM_DISABLE": "1"}  # in a stored page a progress bar is noise
    if model:  # the kernels work in the notebooks' folder, so a folder must be given in full
        env["QWEN_COURSE_MODEL"] = str(Path(model).resolve()) if Path(model).is_dir() else model
    console = Console(highlight=False)
    build = Path("build")
    build.mkdir(exist_ok=True)
    runs = _run_all(paths, env, build, console)
    for done in runs:
        if done.failure:
            _show_failure(done, console)
    _show_table(runs, build, console)
    raise typer.Exit(int(any(done.failure for done in runs)))


@app.command()
def lab() -> None:
    """Open JupyterLab on copies of the notebooks in work/, which are yours to change."""
    from qwen_course.workspace import copy_notebooks

    work = Path("work")
    for line in copy_notebooks(_course_notebooks()[0].parent, work):
        typer.echo(line)
    typer.echo(f"Opening JupyterLab on {work}{os.sep}; Ctrl-C here ends it.")
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(work)]))


@app.command()
def solve(
    notebook: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", dir_okay=False, help="where the solved copy goes; must be new")],
) -> None:
    """Write a copy of a notebook with the solutions of its exercises filled in, for instructors."""
    import nbformat

    from qwen_course.exercises.solving import solved

    if out.exists():
        raise typer.BadParameter(f"{out} exists already. Remove it, or choose another name.", param_hint="--out")
    try:
        copy, filled = solved(nbformat.read(notebook, as_version=4))
    except (ValueError, AttributeError) as error:  # not JSON, or JSON that is no notebook
        raise typer.BadParameter(f"{notebook} is not a notebook that can be read: {error}") from None
    except KeyError as unknown:
        raise typer.BadParameter(f"{notebook}: {unknown.args[0]}") from None
    if not filled:
        raise typer.BadParameter(f"{notebook} has no exercises: no cell of it calls qc.check.")
    out.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(copy, out)
    typer.echo(f"{out}: solutions of {', '.join(filled)}. Run it: qwen-course run {out}")


def _course_notebooks() -> list[Path]:
    paths = sorted(Path("notebooks").glob("*.ipynb"))
    if not paths:
        raise typer.BadParameter(
            f"no notebooks in {Path('notebooks').resolve()}. Change to the course's folder, or name notebooks."
        )
    return paths


def _run_all(paths: list[Path], env: dict[str, str], build: Path, console: Console) -> list[Run]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from qwen_course.pages import write_index, write_page
    from qwen_course.runner import execute

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[cell]}"), TimeElapsedColumn()
    runs = []
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for path in paths:
            task = progress.add_task(path.stem, total=None, cell="starting")

            def on_cell(number: int, of: int, task=task) -> None:
                progress.update(task, total=of, completed=number - 1, cell=f"cell {number} of {of}")

            done = execute(path, env=env, on_cell=on_cell)
            if done.notebook:
                write_page(done, build)
            runs.append(done)
            write_index(runs, build)  # after each, so that an interrupted run can be read too
            result = "failed" if done.failure else "done"
            progress.update(task, total=done.cells + bool(done.failure), completed=done.cells, cell=result)
            progress.stop_task(task)
            if not console.is_terminal:
                console.print(f"{path.stem}: {result} after {done.seconds:.1f} s")
    return runs


def _show_failure(done: Run, console: Console) -> None:
    from rich.syntax import Syntax
    from rich.text import Text

    console.rule(f"{done.path} {done.result}")
    if done.failure.source:
        console.print(Syntax(done.failure.source, "python", background_color="default"))
    console.print(Text.from_ansi(done.failure.error))


def _show_table(runs: list[Run], build: Path, console: Console) -> None:
    from rich.table import Table

    table = Table("notebook", "result", box=None, pad_edge=False)
    table.add_column("cells", justify="right")
    table.add_column("seconds", justify="right")
    for done in runs:
        table.add_row(done.path.stem, done.result, str(done.cells), f"{done.seconds:.1f}")
    console.print(table)
    console.print(f"\nRead what ran: {(build / 'index.html').resolve().as_uri()}", soft_wrap=True)
    console.print("Work through it yourself: make lab   (without make: qwen-course lab)")


if __name__ == "__main__":
    app()
