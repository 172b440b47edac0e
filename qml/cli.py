"""The command line: thin, and quick to answer, because every import that computes sits inside its command."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from rich.console import Console

    from qml.studies import StudyResult

EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_STOPPED = 0, 1, 2, 130


class _Group(TyperGroup):
    """Turns the package's errors into a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        from qml.errors import QmlError

        try:
            return super().invoke(ctx)
        except QmlError as error:
            print(f"error: {error}", file=sys.stderr)
            raise typer.Exit(EXIT_BAD_INPUT) from None
        except KeyboardInterrupt:
            print("stopped.", file=sys.stderr)
            raise typer.Exit(EXIT_STOPPED) from None


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="For this task, this model and this budget: does the quantum part help?",
    epilog="Exit codes: 0 done, 1 failed cells, no report or a missed calibration target, 2 bad input, 130 stopped.",
)

StudyFile = Annotated[Path, typer.Argument(metavar="FILE", help="A study file (YAML).")]
Place = Annotated[
    Path,
    typer.Argument(
        metavar="PLACE", help="A results folder, a file in it, the study's name, or the study file it was made with."
    ),
]
Results = Annotated[Path, typer.Option("--results", help="Folder that holds one folder a study.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a value, for example --set budget.trials=10."),
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; the number of cores by default.")]
Plugins = Annotated[
    list[str] | None,
    typer.Option("--plugin", metavar="MODULE", help="Import this module first; may be given again."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Run the command line; the console script `qml`."""
    app(prog_name="qml")


def _version(wanted: bool) -> None:
    if wanted:
        import qml

        print(f"qml-sandbox {qml.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    file: StudyFile,
    results: Results = Path("results"),
    workers: Workers = None,
    scheduler: Annotated[str | None, typer.Option(help="Use this Dask scheduler (tcp://HOST:PORT).")] = None,
    settings: Settings = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try failed cells again.")] = False,
    exploratory: Annotated[
        bool,
        typer.Option(
            "--exploratory", help="Go on in the same folder after a change; the verdict is stamped exploratory."
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell no progress.")] = False,
) -> None:
    """Run a study, or continue it; print its verdict and write its report."""
    from qml.studies import Study

    study = Study.from_yaml(file, settings or ())
    try:
        result = study.run(
            results,
            workers=workers,
            scheduler=scheduler,
            progress=not quiet,
            retry_failed=retry_failed,
            exploratory=exploratory,
        )
    except KeyboardInterrupt:
        again = " ".join(["qml", *sys.argv[1:]])
        print(f"stopped. What was done is recorded. To continue: {again}", file=sys.stderr)
        raise typer.Exit(EXIT_STOPPED) from None
    _print_result(result)
    if result.n_failed or result.report_error:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def plan(
    file: StudyFile,
    results: Results = Path("results"),
    workers: Workers = None,
    settings: Settings = None,
    pilot: Annotated[
        bool, typer.Option("--pilot", help="Run 5 replicates that are not the study's, and propose how many it needs.")
    ] = False,
    difference: Annotated[
        float | None,
        typer.Option(help="With --pilot: the true difference to be found; 2.5 margins by default.", show_default=False),
    ] = None,
    power: Annotated[float, typer.Option(min=0.5, max=0.999, help="With --pilot: the chance to find it.")] = 0.9,
    as_json: AsJson = False,
) -> None:
    """Say what a study would run, who gets how many trials, how long it takes, and how many replicates it needs."""
    from qml.studies import Study
    from qml.studies.cluster import default_workers
    from qml.studies.estimate import estimate
    from qml.studies.pilot import pilot_dict, pilot_lines
    from qml.studies.run import pending_cells
    from qml.studies.tables import plan_dict, plan_lines, plan_table

    study = Study.from_yaml(file, settings or ())
    planned = study.plan()
    pending = pending_cells(study.spec, planned, results / study.spec.name)
    time = estimate(pending, workers or default_workers(), results)
    found = None
    if pilot:
        found = study.pilot(results, difference=difference, power=power, workers=workers, progress=not as_json)
    if as_json:
        _print_json({**plan_dict(planned, len(pending), time), **({"pilot": pilot_dict(found)} if found else {})})
        return
    console = _console()
    console.print(plan_table(planned))
    hint = ["How many replicates does it need? Five that are not in it will tell: add --pilot."]
    for line in [*plan_lines(planned, len(pending), time), *(pilot_lines(found) if found else hint)]:
        console.print(line, markup=False, highlight=False)


@app.command()
def verdict(place: Place, results: Results = Path("results"), as_json: AsJson = False) -> None:
    """Judge a study's records again, and print the verdict."""
    from qml.studies import Records, judge_records
    from qml.studies.looks import decided

    with Records.open(_folder(place, results)) as records:
        found = judge_records(records)
        statuses = records.statuses()
        settled = decided(found)
        waiting = sum(statuses[cell.key] == "pending" and cell.task not in settled for cell in records.plan())
    if as_json:
        _print_json(found)
        return
    _print_verdict(found)
    if waiting:
        print(f"Unfinished: {waiting} of {len(statuses)} cells are still to be run.")


@app.command()
def report(place: Place, results: Results = Path("results")) -> None:
    """Write a study's verdict.json and report.html again."""
    from qml.studies import Records
    from qml.studies.run import write_outcome

    folder = _folder(place, results)
    with Records.open(folder) as records:
        _, report_error = write_outcome(folder, records)
    if report_error:
        print(f"error: {report_error}", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED)
    print(folder / "report.html")


@app.command()
def calibrate(
    quick: Annotated[
        bool, typer.Option("--quick", help="The minute that CI runs: a few cases, a few repeats.")
    ] = False,
    results: Results = Path("results"),
    workers: Workers = None,
    scheduler: Annotated[str | None, typer.Option(help="Use this Dask scheduler (tcp://HOST:PORT).")] = None,
    plugin: Plugins = None,
    no_run: Annotated[bool, typer.Option("--no-run", help="Judge and count what is recorded; run no study.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell no progress.")] = False,
) -> None:
    """Run studies whose answer is known, or continue; count how often the verdict is right."""
    from qml.calibration import full_suite, quick_suite
    from qml.calibration.run import calibrate, pending
    from qml.reports import write_calibration
    from qml.studies.cluster import default_workers
    from qml.studies.estimate import duration, estimate

    _import(plugin)
    suite = quick_suite() if quick else full_suite()
    folder = results / ("calibration-quick" if quick else "calibration")
    cells = pending(suite, folder)
    time = estimate(cells, workers or default_workers(), results)
    print(f"{len(suite.repeats)} studies of {len(suite.cases)} cases, {len(suite.cells)} cells; {len(cells)} are left.")
    if cells and not no_run:
        print(f"About {duration(time.seconds)} with {time.workers} workers: estimated {time.basis}.", flush=True)
    try:
        done = calibrate(suite, folder, workers=workers, scheduler=scheduler, show=not quiet, run=not no_run)
    except KeyboardInterrupt:
        print(f"stopped. What was done is recorded. To continue: {' '.join(['qml', *sys.argv[1:]])}", file=sys.stderr)
        raise typer.Exit(EXIT_STOPPED) from None
    print(done.summary["headline"])
    print(f"Report: {write_calibration(folder)}")
    if not done.summary["passed"]:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def attribute(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A quantum or hybrid model, see `qml models`.")],
    task: Annotated[str, typer.Option(help="A task, see `qml tasks`.")],
    replicates: Annotated[int, typer.Option(min=2, help="Fresh draws, or random splits, of the task.")] = 10,
    trials: Annotated[int, typer.Option(min=1, help="Tuning trials of the model and of each twin.")] = 2,
    inner_folds: Annotated[int, typer.Option(min=2, help="Folds that a trial is scored on.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of draws, initial weights and searches.")] = 0,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Find out which part of a model does the work: it against twins that lack one part each."""
    from qml.advantage import attribute as run_attribution

    _import(plugin)
    found = run_attribution(
        model,
        task=task,
        replicates=replicates,
        trials=trials,
        inner_folds=inner_folds,
        seed=seed,
        verbose=not as_json,
    )
    if as_json:
        _print_json(found.to_dict())
        return
    print(found)


@app.command()
def tasks(plugin: Plugins = None, as_json: AsJson = False) -> None:
    """List the tasks."""
    from qml import tasks as room

    _import(plugin)
    _print_entries((room.get(name) for name in room.names()), ("name", "design", "n_features", "summary"), as_json)


@app.command()
def models(plugin: Plugins = None, as_json: AsJson = False) -> None:
    """List the models."""
    from qml import models as room

    _import(plugin)
    _print_entries((room.get(name) for name in room.names()), ("name", "kind", "twin_of", "summary"), as_json)


@app.command()
def circuits(plugin: Plugins = None, as_json: AsJson = False) -> None:
    """List the circuits."""
    from qml import circuits as room

    _import(plugin)
    _print_entries((room.get(name) for name in room.names()), ("name", "kind", "summary"), as_json)


@app.command()
def show(
    what: Annotated[
        list[str], typer.Argument(metavar="[task|model|circuit] NAME", help="For example: show two-moons.")
    ],
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Print everything about one task, model or circuit."""
    from qml.studies.catalogue import describe

    _import(plugin)
    facts = describe(what)
    if as_json:
        _print_json(facts)
        return
    drawing = facts.pop("drawing", None)
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {_text(value)}")
    if drawing:
        print(f"\n{drawing}")


@app.command()
def diagnose(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A quantum or hybrid model, for example iqp-kernel.")],
    task: Annotated[str, typer.Option(help="The task whose training part it is fitted on.")],
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of the data and of the fit.")] = 0,
    settings: Settings = None,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Fit a quantum model at its defaults, and tell what is known about its circuit."""
    from qml.studies.diagnosis import diagnose_entry

    _import(plugin)
    found = diagnose_entry(model, task, seed, settings or ())
    if as_json:
        _print_json(found.to_dict())
        return
    print(found)


def _folder(place: Path, results: Path) -> Path:
    """Return the results folder of a folder, a file in one, a study's name or a study file."""
    if place.suffix in {".yaml", ".yml"}:
        if (place.parent / "records.sqlite").exists():
            return place.parent
        from qml.studies.spec import read_spec

        return results / read_spec(place)[0].name
    if place.is_file() or place.suffix == ".sqlite":
        return place.parent
    if place.exists():
        return place
    if (results / place).is_dir():
        return results / place
    known = [path.parent.name for path in results.glob("*/records.sqlite")]
    if known:
        from qml.errors import RecordError, suggest

        raise RecordError(f"there is no {place}, and no study of that name in {results}. {suggest(str(place), known)}")
    return place


def _import(modules: list[str] | None) -> None:
    if modules:
        from qml.studies.plugins import import_plugins

        import_plugins(modules)


def _print_result(result: "StudyResult") -> None:
    _print_verdict(result.verdict)
    if result.n_failed:
        print(f"{result.n_failed} of {result.n_cells} cells failed; they score chance. See {result.report},")
        print("or try them again with --retry-failed.")
    if not result.n_run:
        print(
            f"This study is finished: all {result.n_cells - result.n_left} cells were recorded before. Nothing was run."
        )
    if result.n_left:
        print(f"{result.n_left} of {result.n_cells} cells were not needed: a look had decided their tasks.")
    if result.report_error:
        print(f"error: {result.report_error}", file=sys.stderr)
    else:
        print(f"Report: {result.report}")


def _print_verdict(verdict: Mapping[str, Any]) -> None:
    from qml.calibration.published import statement, warning
    from qml.studies.tables import verdict_lines, verdict_table

    console = _console()
    if warning():
        console.print(f"{warning()}.", style="bold red", markup=False, highlight=False)
    console.print(verdict_table(verdict))
    for line in verdict_lines(verdict):
        console.print(line, markup=False, highlight=False)
    console.print(statement(), markup=False, highlight=False)


def _console() -> "Console":
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=140)


def _print_json(data: Any) -> None:
    import json

    print(json.dumps(data, indent=2, ensure_ascii=False))


def _print_entries(entries: Iterable[Any], columns: tuple[str, ...], as_json: bool) -> None:
    rows = [{column: getattr(entry, column) for column in columns} for entry in entries]
    if as_json:
        _print_json(rows)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column == "name")
    for row in rows:
        table.add_row(*(Text(_text(row[column])) for column in columns))
    _console().print(table)


def _text(value: Any) -> str:
    if value is None or value in ((), {}):
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {inner}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


if __name__ == "__main__":
    main()
