"""``axmac replay``: layers of a network on the RTL of a systolic array, compared bit by bit with the models."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.int8 import Calibration, Percentile, check_options, int8_nets
from axmac.cli.networks import Checkpoints, Data, Net, described, first, load_data, load_net
from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting, require_folder
from axmac.model.spec import InputError, IntMul, catalog

if TYPE_CHECKING:
    from axmac.sim.array_rtl import ArrayRtl

__all__ = ["array_shape", "replay", "simulation"]

_BATCH = 64
"""Images of which a layer is replayed at a time: bounds memory and files."""
_SUMMED = ("m", "macs", "cycles", "seconds", "outputs", "differ_fast", "differ_golden", "differ_output")


def replay(
    net: Net = "lenet5",
    *,
    unit: Annotated[str, typer.Option("--mul", help="Id or alias of a unit.")] = "ax_fpm",
    layer: Annotated[str, typer.Option(help="Name of a layer, for example conv2, or all.")] = "all",
    images: Annotated[int, typer.Option(min=1, help="Images of the test set.")] = 16,
    sim: Annotated[str, typer.Option(help="Simulator: verilator or icarus.")] = "verilator",
    array: Annotated[str, typer.Option(help="Rows x columns of the weight-stationary array.")] = "8x8",
    data: Data = "auto",
    checkpoints: Checkpoints = Path("build/networks"),
    calibration: Calibration = None,
    percentile: Percentile = None,
    export: Annotated[Path | None, typer.Option(help="Folder in which operands and results stay.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Compute layers on RTL from a network's real activations and weights; exit status 1 where one bit differs.

    With --layer all the inputs of a layer come from the RTL's outputs of the layers before; ReLU and pooling are
    torch's. Every sum is compared with the emulator and with the golden model. The bias is added once, after the sum.

    An integer unit runs in int8: the network is quantised after training, steps from the first images of the training
    set. The RTL makes the int32 sums; bias and rounding to the next layer's steps follow after them.

    Example: axmac replay lenet5 --mul ax_fpm --layer conv2 --images 16 --sim verilator

    Example: axmac replay lenet5 --mul s8_drum_k6 --images 4
    """
    import torch

    from axmac.model.nn import approximate
    from axmac.model.nn.export import layer_names, replaced
    from axmac.model.report import new_result
    from axmac.sim.array_rtl import ArrayRtl

    spec = catalog[unit]
    check_options(spec, calibration, percentile)
    rtl = ArrayRtl(spec, *array_shape(array), sim)
    check_out(out)
    with ExitStack() as stack:
        stack.enter_context(simulation())
        progress = stack.enter_context(reporting())
        dataset, indices = first(load_data(data, "test", net, progress), images)
        module, entry = load_net(checkpoints, net, dataset, seed)
        about = None
        if isinstance(spec, IntMul):
            source, wanted = (dataset.name, net, progress), (spec.id, "all")
            nets, about = int8_nets(module, [wanted], calibration, percentile, source)
            emulated = nets[wanted]
        else:
            emulated = approximate(module, spec)
        names = layer_names(emulated, layer)
        folder = (
            require_folder(export)
            if export
            else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="axmac-replay-")))
        )
        context = {"layers": layer, "net": entry, "data": described(dataset, indices)}
        progress("build the array", 0, 1)
        run = _Run(rtl, folder, context | {"seed": seed}, progress)
        build_seconds = rtl.build()
        progress("build the array", 1, 1)
        scores: dict[str, list[torch.Tensor]] = {"rtl": [], "emulated": []}
        with torch.no_grad():
            for start in range(0, len(dataset), _BATCH):
                batch = dataset.images[start : start + _BATCH]
                run.folder = folder / f"{start}-{start + len(batch)}"
                with replaced(emulated, names, run):
                    scores["rtl"].append(emulated(batch))
                scores["emulated"].append(emulated(batch))
    bits = {side: torch.cat(parts).view(torch.int32) for side, parts in scores.items()}
    classes = {side: torch.cat(parts).argmax(dim=1).tolist() for side, parts in scores.items()}
    scores_differ = int((bits["rtl"] != bits["emulated"]).sum())
    if scores_differ:
        run.alarms.append(f"{scores_differ} of {bits['rtl'].numel()} scores differ from those of the emulated network")
    row = {
        "simulator": sim,
        "version": rtl.version,
        "rows": rtl.rows,
        "cols": rtl.cols,
        "images": len(dataset),
        "layers": list(run.layers.values()),
        "macs": sum(found["macs"] for found in run.layers.values()),
        "build_seconds": build_seconds,
        "scores": bits["rtl"].numel(),
        "scores_differ": scores_differ,
        "labels": dataset.labels.tolist(),
        "class_rtl": classes["rtl"],
        "class_emulated": classes["emulated"],
    }
    if about:
        row["calibration"] = about
    result = new_result("replay", [row], seed=seed, spec=spec, alarms=tuple(run.alarms), **context)
    finish(result, f"replay-{net}-{dataset.name}-{spec.id}-{layer}-{sim}", as_json=as_json, out=out)
    if not as_json:
        print(f"{row['macs']:,} MACs by RTL; {scores_differ} of {row['scores']} scores differ; classes by image:")
        for side, values in (("label", row["labels"]), ("RTL", row["class_rtl"]), ("emulated", row["class_emulated"])):
            print(f"{side:>9} {' '.join(map(str, values))}")
    return 1 if run.alarms else 0


def array_shape(text: str) -> tuple[int, int]:
    """Rows and columns of ``8x8``. ``InputError`` for another text."""
    rows, _, cols = text.partition("x")
    if not (rows.isdecimal() and cols.isdecimal()):
        raise InputError(f"--array must be rows x columns, for example 8x8, not {text!r}")
    return int(rows), int(cols)


@contextmanager
def simulation() -> Iterator[None]:
    """A simulation that does not build or end is bad input, in one line."""
    from axmac.sim.simulators import SimulationError

    try:
        yield
    except SimulationError as error:
        raise InputError(" ".join(str(error).split())) from error


class _Run:
    """Replays one call of a layer after the other; adds up what came of them, and explains the first difference."""

    def __init__(self, rtl: "ArrayRtl", folder: Path, context: dict[str, Any], progress: Any) -> None:
        from axmac.model.report.provenance import versions

        self.rtl, self.folder, self.progress = rtl, folder, progress
        self.context = context | {"versions": versions()}
        self.layers: dict[str, dict[str, Any]] = {}
        self.alarms: list[str] = []

    def __call__(self, name: str, layer: Any, x: Any) -> Any:
        """The layer's result by RTL."""
        import numpy as np

        from axmac.model.nn.export import partial_sums, product_of, write
        from axmac.sim.replay import first_k, replay

        product = product_of(layer, x)
        manifest = write(self.folder, name, product, self.context)
        what = f"{name}, images {self.folder.name}, MACs"
        report = replay(manifest, self.rtl, lambda done, total: self.progress(what, done, total))
        if not report.passed:
            text = f"{report.alarm}, images {self.folder.name}"
            if not self.alarms and report.first is not None:
                expected = partial_sums(product, report.first.m, report.first.n)
                text += "\n" + first_k(manifest, self.rtl, report.first, expected)[1]
            self.alarms.append(text)
        found = report.as_dict()
        if name in self.layers:
            before = self.layers[name]
            found |= {key: before[key] + found[key] for key in _SUMMED} | {"first": before["first"] or found["first"]}
        self.layers[name] = found
        with np.load(report.results, allow_pickle=False) as results:
            return product.tensor(results["outputs"])
