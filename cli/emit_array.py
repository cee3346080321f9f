"""What ``axmac emit`` makes besides multipliers: adder, MAC, systolic array, matrix engine."""

from pathlib import Path

from axmac.model.spec import InputError, as_spec, looks_scalable, parse_scalable_id

__all__ = ["ARRAYS", "emit_array"]

ARRAYS = ("adder", "mac", "systolic", "engine")


def emit_array(kind: str, out: Path, mul: str, shape: tuple[int, int, str], stages: dict[str, int]) -> None:
    """Writes a component of ARRAYS and prints its files; ``shape`` is (rows, cols, dataflow).

    ``stages`` may hold ``mul_stages`` and ``add_stages``. Raises ``InputError`` for what the component refuses.
    """
    from axmac.gen import emit_adder, emit_engine, emit_mac, emit_scalable_array, emit_systolic
    from axmac.rtl.engine_config import EngineConfig

    rows, cols, dataflow = shape
    if kind == "adder":
        if "mul_stages" in stages:
            raise InputError("--stages are those of a multiplier: give an adder --add-stages")
        files = emit_adder(out, **({"stages": stages["add_stages"]} if stages else {}))
    elif kind == "mac":
        files = emit_mac(mul, out, **stages)
    elif kind == "systolic" and looks_scalable(mul):
        if dataflow != "ws" or stages:
            raise InputError(f"an array of {mul} is weight-stationary and has no stages to choose")
        files = emit_scalable_array(parse_scalable_id(mul), out, rows, cols)
    elif kind == "systolic":
        files = emit_systolic(mul, out, rows, cols, dataflow, **stages)
    else:
        files = emit_engine(EngineConfig(as_spec(mul), rows, cols, dataflow, **stages), out)
    print(f"{files.verilog}  {files.manifest}  sha256 {files.sha256}")
