"""Ids of all multipliers, whatever their family."""

from axmac.model.spec.errors import InputError
from axmac.model.spec.int_mul import IntMul, looks_integer, parse_int_id
from axmac.model.spec.multiplier import FpMul, parse_fp_id
from axmac.model.spec.scalable import looks_scalable, parse_scalable_id

__all__ = ["Multiplier", "parse_id"]

Multiplier = FpMul | IntMul


def parse_id(text: str) -> Multiplier:
    """The spec that an id names. A cell map stands in an id as a hash only, so such ids are found in the catalog only.

    Raises ``InputError`` for a text that is no id, and for an id whose values do not fit each other.
    """
    if looks_scalable(text):
        mac, commands = parse_scalable_id(text).id, "`axmac emit`, `regress`, `mutate`, `precision` and `replay-hybrid`"
        raise InputError(f"{mac} is a precision-scalable MAC and no multiplier: {commands} take it")
    return parse_int_id(text) if looks_integer(text) else parse_fp_id(text)
