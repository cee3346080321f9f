"""The catalog: designs by id and alias, imported units, and every other unit whose id says all about it."""

from collections.abc import Iterator, Mapping

from axmac.model.spec.designs import DESIGNS, Design
from axmac.model.spec.errors import InputError
from axmac.model.spec.ids import Multiplier, parse_id
from axmac.model.spec.imported import ImportedProduct, UnitRecord, find_imported
from axmac.model.spec.int_mul import IntMul
from axmac.model.spec.multiplier import FpMul

__all__ = ["Catalog", "as_float_spec", "as_spec", "catalog", "imported_spec"]


class Catalog(Mapping):
    """Maps ids and aliases to specs. Iteration gives the ids of the named designs, in catalog order.

    A key that is no named design is the name of an imported unit, or read as an id (``fp32_array_ama1_t6_rne``). A
    text that names nothing raises ``InputError``, and ``in`` answers False.
    """

    def __init__(self, designs: tuple[Design, ...]) -> None:
        self._designs = {design.spec.id: design for design in designs}
        self._ids = {name: design.spec.id for design in designs for name in (design.spec.id, *design.aliases)}
        if len(self._designs) != len(designs) or len(self._ids) != sum(1 + len(d.aliases) for d in designs):
            raise ValueError("designs must have distinct ids and aliases")

    def __getitem__(self, name: str) -> Multiplier:
        if name in self._ids:
            return self._designs[self._ids[name]].spec
        record = find_imported(name)
        return parse_id(name) if record is None else imported_spec(record)

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and self[name] is not None
        except InputError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._designs)

    def __len__(self) -> int:
        return len(self._designs)

    @property
    def floats(self) -> tuple[str, ...]:
        """The ids of the named floating-point designs, in catalog order."""
        return tuple(name for name, design in self._designs.items() if isinstance(design.spec, FpMul))

    @property
    def integers(self) -> tuple[str, ...]:
        """The ids of the named integer designs, in catalog order."""
        return tuple(name for name, design in self._designs.items() if isinstance(design.spec, IntMul))

    def design(self, name: str) -> Design:
        """The design of an id or alias, with title, source and published figures; ``InputError`` for any other name."""
        if name not in self._ids:
            raise InputError(f"{name!r} is no named design: `axmac list` shows them")
        return self._designs[self._ids[name]]


catalog = Catalog(DESIGNS)


def imported_spec(record: UnitRecord) -> IntMul:
    """The multiplier of the description of an imported unit."""
    return IntMul(record.format, ImportedProduct(record.name, record.sha256))


def as_spec(spec: Multiplier | str) -> Multiplier:
    """The spec itself, or the one that a string names. Raises ``InputError`` for an unknown name, or ``TypeError``."""
    if isinstance(spec, Multiplier):
        return spec
    if isinstance(spec, str):
        return catalog[spec]
    raise TypeError(f"spec must be a multiplier or the id of a unit, not {spec!r}")


def as_float_spec(spec: Multiplier | str) -> FpMul:
    """`as_spec` for what needs a floating-point unit; ``InputError`` for an integer one."""
    spec = as_spec(spec)
    if isinstance(spec, IntMul):
        raise InputError(f"{spec.id} multiplies integers: use a floating-point unit here")
    return spec
