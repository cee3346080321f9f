"""``python -m proofs``: proves all, shows a row each, and leaves result files; what is proven already is not repeated.

Exit status 0 where all is proven, 1 otherwise.
"""

import argparse
import sys
from pathlib import Path

from axmac.model.spec import catalog
from proofs.exhaustive import LOOP, all_pairs
from proofs.ledger import PROVEN, read_rows, rows_of, up_to_date, write_rows
from proofs.reach import reached, write_reached

EXHAUSTIVE = "bf16_booth"


def main() -> int:
    """Proves the units that the command line names, all of the catalog by default."""
    parser = argparse.ArgumentParser(prog="python -m proofs", description=__doc__)
    parser.add_argument(
        "units", nargs="*", default=list(catalog.floats), help="ids; default: all floating-point designs"
    )
    parser.add_argument("--out", type=Path, default=Path("build/proofs"), help="folder of the result files")
    parser.add_argument("--seconds", type=float, default=300, help="solver time for one statement")
    parser.add_argument("--reach", type=float, default=0, help="seconds for each width that is tried at once; 0: none")
    parser.add_argument("--quick", action="store_true", help="without the loop over 2^32 pairs of operands")
    options = parser.parse_args()
    for unit in options.units:
        spec = catalog[unit]
        with_loop = spec.id == EXHAUSTIVE and not options.quick
        if up_to_date(spec, options.out, LOOP if with_loop else ""):
            print(f"{spec.id}: proven before, {options.out / spec.id}.json", flush=True)
            continue
        rows = []
        for row in rows_of(spec, options.seconds):
            rows.append(row)
            print(f"{row.outcome[:60]:10} {row.seconds:7.2f} s  {row.unit}: {row.what}", flush=True)
        if with_loop:
            rows.append(all_pairs(spec, options.out / "loop"))
            print(f"{rows[-1].outcome[:60]:10} {rows[-1].seconds:7.2f} s  {spec.id}: {rows[-1].what}", flush=True)
        write_rows(spec, rows, options.out)
    if options.reach:
        tried = []
        for row in reached(options.reach):
            tried.append(row)
            print(f"{row.outcome:10} {row.seconds:7.2f} s  {row.unit}: {row.what}, {row.size}", flush=True)
        write_reached(tried, options.out / "reach" / "reach.json")
    outcomes = [row.outcome for row in read_rows(options.out)]
    print(f"{outcomes.count(PROVEN)} of {len(outcomes)} statements proven; rows in {options.out}")
    return 0 if outcomes and set(outcomes) == {PROVEN} else 1


if __name__ == "__main__":
    sys.exit(main())
