"""`probatum measure`: what shape somebody's own network has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from probatum.cli.measurement import Measured, Measurement


def _show_help(context: typer.Context, wanted: bool) -> None:
    if wanted:
        import shutil
        import textwrap

        from probatum.cli.methods import method_lines

        width = shutil.get_terminal_size().columns
        typer.echo(context.get_help())
        typer.echo("\nMethods:")
        for name, line in method_lines().items():
            typer.echo(textwrap.fill(line, width, initial_indent=f"  {name:<24} ", subsequent_indent=" " * 27))
        raise typer.Exit


Method = Annotated[str, typer.Argument(metavar="METHOD", help="What to measure; --help lists the methods.")]
Models = Annotated[
    list[str], typer.Argument(metavar="MODEL", help=".onnx, .safetensors, .pt, .npz, or package.module:function.")
]
InputShape = Annotated[
    str | None, typer.Option("--input", metavar="1,3,224,224", help="The shape of an input, where none is known.")
]
Options = Annotated[
    list[str] | None, typer.Option("--with", metavar="NAME=VALUE", help="An option of the method; may be repeated.")
]
Images = Annotated[Path | None, typer.Option("--images", metavar="FILE.npz", help="What to run the network on.")]
Convolutions = Annotated[bool, typer.Option("--convolutions", help="Only the edges between convolutions.")]
Rescaled = Annotated[
    bool, typer.Option("--rescaled", help="First give the weights into each hidden unit norm 1 (ReLU networks).")
]
Edges = Annotated[
    Literal["weights", "correlation", "jacobian"], typer.Option("--edges", help="What an edge is the size of.")
]
KernelNorm = Annotated[Literal["l1", "l2"], typer.Option("--kernel-norm", help="The size of a convolution's kernel.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE.html", help="Write a report with pictures.")]
Json = Annotated[bool, typer.Option("--json", help="Print all numbers as JSON.")]
Help = Annotated[
    bool, typer.Option("--help", is_eager=True, callback=_show_help, help="Show this message and the methods.")
]


def command(
    method: Method,
    models: Models,
    input_shape: InputShape = None,
    options: Options = None,
    images: Images = None,
    convolutions: Convolutions = False,
    rescaled: Rescaled = False,
    edges: Edges = "weights",
    kernel_norm: KernelNorm = "l1",
    out: Out = None,
    as_json: Json = False,
    show_help: Help = False,
) -> None:
    """Measure a network of yours, and say what was found; nothing is executed from a file of weights."""
    from probatum.cli.measurement import Measurement, run
    from probatum.cli.method_options import PICTURES, parameters, read_options, refuse_missing
    from probatum.cli.methods import find_method
    from probatum.cli.picture_file import arguments_of, pictures_of, read_picture_file
    from probatum.cli.progress import progress_bar
    from probatum.progress import listening

    chosen = find_method(method)
    keywords, pictures = read_options(chosen, options or ()), None
    if images is not None:
        arrays = read_picture_file(images)
        pictures = pictures_of(arrays, images)
        if edges == "weights" or not parameters(chosen).keys().isdisjoint(PICTURES):
            keywords |= arguments_of(chosen, arrays, images)
    refuse_missing(chosen, keywords | {"model": None})
    if out is not None:
        _refuse_place(out)
    wanted = Measurement(
        method=chosen,
        models=tuple(models),
        keywords=keywords,
        input_shape=_shape(input_shape),
        kernel_norm=kernel_norm,
        edges=edges,
        pictures=pictures,
        rescaled=rescaled,
        convolutions=convolutions,
        images=images,
    )
    with progress_bar() as progress, listening(progress):
        measured = run(wanted)
    _say(wanted, measured, out, as_json)


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        shape = tuple(int(size) for size in text.replace("x", ",").split(","))
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise ProbatumError(f"--input {text!r}: give whole numbers with commas between them, such as 1,3,224,224")
    return shape


def _refuse_place(out: Path) -> None:
    """Before long work: a report that could not be written, or not be drawn."""
    from importlib.util import find_spec

    if out.is_dir():
        raise ProbatumError(f"--out {out}: it is a folder; give a file such as {out / 'report.html'}")
    if not out.absolute().parent.is_dir():
        raise ProbatumError(f"--out {out}: there is no folder {out.parent}")
    if find_spec("matplotlib") is None:
        raise MissingExtra("plot", "matplotlib")


def _say(wanted: Measurement, measured: Measured, out: Path | None, as_json: bool) -> None:
    from probatum.cli.printable import printable
    from probatum.report.numbers import to_json

    for warning in measured.warnings:
        typer.echo(f"probatum: warning: {printable(warning)}", err=True)
    typer.echo(to_json(measured.result.to_dict()) if as_json else printable(measured.result.summary()))
    if out is not None:
        _write(wanted, measured, out)
        typer.echo(f"Wrote {out}.", err=as_json)


def _write(wanted: Measurement, measured: Measured, out: Path) -> None:
    from probatum.cli.measurement_code import python_code
    from probatum.cli.measurement_facts import facts, title
    from probatum.cli.page_file import write_page
    from probatum.report import report_html

    page = report_html(
        measured.result,
        title=title(wanted, measured),
        facts=facts(wanted, measured),
        code=python_code(wanted),
        notes=tuple(dict.fromkeys(note for network in measured.networks for note in network.graph.notes)),
        warnings=measured.warnings,
    )
    write_page(out, page)
