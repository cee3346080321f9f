"""``python -m axmac.cli.make_catalog``: writes model/spec/catalog.json, which ``axmac list`` reads without numpy."""

import json
from pathlib import Path
from typing import Any

import axmac.model.spec
from axmac.cli.output import progress_bar
from axmac.model.golden import measure
from axmac.model.spec import Design, IntMul, catalog
from axmac.rtl import DEFAULT_STAGES

__all__ = ["PAIRS", "SEED", "entry_of", "main"]

PAIRS = 1_000_000
SEED = 1


def entry_of(design: Design) -> dict[str, Any]:
    """What ``axmac list`` shows of a design; its errors are measured on PAIRS pairs of [-1, 1], or on all integers."""
    spec = design.spec
    figures = measure(spec, PAIRS, seed=SEED)
    return {
        "id": spec.id,
        "aliases": list(design.aliases),
        "title": design.title,
        "repr": repr(spec),
        "format": spec.format.name,
        "result_format": spec.result_format.name,
        "significand": spec.product.label if isinstance(spec, IntMul) else spec.significand.label,
        "modules": {spec.id: 0, f"{spec.id}_s{DEFAULT_STAGES}": DEFAULT_STAGES},
        "ports": f"a[{spec.format.width}] b[{spec.format.width}] p[{spec.result_format.width}]",
        "source": design.source,
        "published": design.published,
        "measured": {name: getattr(figures, name) for name in ("nmed", "mred", "ratio_of_means", "larger", "ep")},
    }


def main() -> None:
    """Measures every named design and writes the file."""
    entries = []
    with progress_bar("catalog", len(catalog)) as advance:
        for done, name in enumerate(catalog, start=1):
            entries.append(entry_of(catalog.design(name)))
            advance(done)
    path = Path(axmac.model.spec.__file__).with_name("catalog.json")
    path.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
