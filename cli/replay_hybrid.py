"""``axmac replay-hybrid``: a hybrid network, layer by layer, on the RTL of an array of precision-scalable MACs."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from axmac.cli.networks import Data, described, first, load_data
from axmac.cli.output import Json, Out, check_out, finish, reporting, require_folder
from axmac.cli.replay import array_shape, simulation
from axmac.model.spec import InputError, parse_scalable_id

__all__ = ["replay_hybrid"]

_EXACT = 1 << 24
"""Sums up to here are whole numbers of float32."""


def replay_hybrid(
    network: Annotated[Path, typer.Argument(help="Checkpoint that `axmac quanos` wrote.")],
    *,
    mac: Annotated[str, typer.Option(help="Id of a precision-scalable MAC.")] = "mac16_dvafs",
    images: Annotated[int, typer.Option(min=1, help="Images of the test set.")] = 1,
    sim: Annotated[str, typer.Option(help="Simulator: verilator or icarus.")] = "verilator",
    array: Annotated[str, typer.Option(help="Rows x columns of the weight-stationary array.")] = "8x8",
    data: Data = "auto",
    export: Annotated[Path | None, typer.Option(help="Folder in which operands and results stay.")] = None,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Compute all layers but the last on RTL, each in its own precision; exit status 1 where one bit differs.

    The array is the same for all layers; its mode is the lowest precision that holds a layer. Inputs of a layer come
    from the RTL's sums of the layers before; scale, bias, normalisation, ReLU and pooling are torch's. Every sum is
    compared with the golden model and with the network's own integers, every score with those that exact sums give.
    The network itself sums in float32, which rounds sums beyond 2^24: scores that this changes are counted, too.

    Example: axmac replay-hybrid build/quanos/vgg19_q-cifar10-quanos16-seed0.safetensors --mac mac16_dvafs
    """
    import torch

    from axmac.model.nn import checkpoint
    from axmac.model.nn.export import replaced
    from axmac.model.nn.hybrid_layers import HybridMixin
    from axmac.model.report import new_result

    spec, shape = parse_scalable_id(mac), array_shape(array)
    check_out(out)
    if not network.is_file():
        raise InputError(f"{network} is no file: give one that `axmac quanos` wrote")
    with ExitStack() as stack:
        stack.enter_context(simulation())
        progress = stack.enter_context(reporting())
        module, metadata = checkpoint.load(network)
        names = [name for name, layer in module.named_modules() if isinstance(layer, HybridMixin)]
        if not names:
            raise InputError(f"{network} is no hybrid network: give a file that `axmac quanos` wrote")
        dataset, indices = first(load_data(data, "test", metadata["net"], progress), images)
        folder = (
            require_folder(export)
            if export
            else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="axmac-replay-")))
        )
        context = {"net": {"name": metadata["net"], "sha256": metadata["sha256"]}, "data": described(dataset, indices)}
        run = _Run(spec, shape, sim, folder, context, lambda done: progress("layers", done, len(names)))
        with torch.no_grad():
            with replaced(module, names, run):
                scores = module(dataset.images)
            with replaced(module, names, _with_exact_sums):
                exact = module(dataset.images)
            emulated = module(dataset.images)
    bits = {name: found.view(torch.int32) for name, found in (("rtl", scores), ("exact", exact), ("own", emulated))}
    differ = int((bits["rtl"] != bits["exact"]).sum())
    row = {
        "unit": spec.id,
        "spec_sha256": spec.sha256,
        "simulator": sim,
        "rows": shape[0],
        "cols": shape[1],
        "images": len(dataset),
        "layers": run.layers,
        "macs": sum(found["macs"] for found in run.layers),
        "scores": scores.numel(),
        "scores_differ": differ,
        "scores_rounded": int((bits["own"] != bits["exact"]).sum()),
        "class_rtl": scores.argmax(dim=1).tolist(),
        "class_emulated": emulated.argmax(dim=1).tolist(),
    }
    if differ:
        run.alarms.append(f"{differ} of {scores.numel()} scores differ from those that exact sums give")
    if row["scores_rounded"] and not run.wide:
        rounded = row["scores_rounded"]
        run.alarms.append(f"{rounded} of {scores.numel()} scores of the network are not those of its exact sums")
    row["wide"] = run.wide
    result = new_result("replay-hybrid", [row], seed=metadata.get("seed", 0), alarms=tuple(run.alarms), **context)
    finish(result, f"replay-{network.stem}-{spec.id}-{sim}", as_json=as_json, out=out)
    return 1 if run.alarms else 0


def _with_exact_sums(_name: str, layer: Any, x: Any) -> Any:
    """The layer's result with sums of 64-bit integers."""
    from axmac.model.nn.hybrid_export import hybrid_product

    product = hybrid_product(layer, x)
    return product.output(product.sums)


class _Run:
    """Replays one layer after the other. ``wide``: layers whose sums float32 does not hold, so that outputs of the
    network itself are rounded there."""

    def __init__(
        self, spec: Any, shape: tuple[int, int], sim: str, folder: Path, context: dict[str, Any], progress: Any
    ) -> None:
        from axmac.model.report.provenance import versions

        self._spec, self._shape, self._sim, self._folder, self._progress = spec, shape, sim, folder, progress
        self._context = context | {"versions": versions()}
        self.layers: list[dict[str, Any]] = []
        self.alarms: list[str] = []
        self.wide: list[str] = []

    def __call__(self, name: str, layer: Any, x: Any) -> Any:
        """The layer's result by RTL; where its sums are exact in float32, the same bits as the layer's own."""
        import numpy as np

        from axmac.model.nn.hybrid_export import hybrid_product, write_hybrid
        from axmac.sim.replay_hybrid import replay_hybrid as replayed

        product = hybrid_product(layer, x)
        manifest = write_hybrid(self._folder, name, product, self._context)
        report = replayed(manifest, self._spec, *self._shape, self._sim)
        if not report.passed:
            self.alarms.append(report.alarm)
        if layer.bound() > _EXACT:
            self.wide.append(name)
        self.layers.append(report.as_dict())
        self._progress(len(self.layers))
        with np.load(report.results, allow_pickle=False) as results:
            out = product.output(results["sums"])
        differ = int((out != layer(x)).sum())
        if differ and name not in self.wide:
            self.alarms.append(f"{name}: {differ} of {out.numel()} outputs differ from the layer's own")
        return out
