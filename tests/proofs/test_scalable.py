"""Products of the 16-bit precision-scalable MACs, a whole word at a time, against plain integers in C++."""

import pytest

from axmac.gen.scalable import scalable_text
from axmac.model.spec import ScalableMac
from proofs.sliced import all_words, built

UNITS = [ScalableMac(kind, 16) for kind in ("dvafs", "dg", "standard")]
PAIRS = 1 << 16


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The programs by unit, each built when it is first asked for."""
    made = {}

    def program(spec):
        if spec not in made:
            made[spec] = built(spec, tmp_path_factory.mktemp(spec.id))
        return made[spec]

    return program


def agree(program, mode, signed, activations):
    found, _ = all_words(program, mode, activations, a_signed=signed)
    assert found == str(len(activations) * PAIRS)
    return len(activations) * PAIRS


def test_all_weights_times_many_activations_in_every_mode_of_dvafs(programs):
    """Words whose halves are equal, at the ends of both signs, and anywhere."""
    program = programs(UNITS[0])
    some = (range(0, 65536, 257), range(32767, 32770), range(65533, 65536), range(3, 65536, 1009))
    compared = sum(
        agree(program, mode, signed, words) for mode in range(3) for signed in (False, True) for words in some
    )
    assert compared == 6 * (256 + 3 + 3 + 65) * PAIRS


@pytest.mark.verify_all
@pytest.mark.parametrize(("spec", "modes"), [(UNITS[0], 3), (UNITS[1], 1), (UNITS[2], 1)], ids=str)
def test_all_words(programs, spec, modes):
    """All 2^32 pairs of words, with both signs; of data gating in its full precision, in which nothing is gated."""
    program = programs(spec)
    compared = sum(agree(program, mode, signed, range(PAIRS)) for mode in range(modes) for signed in (False, True))
    assert compared == 2 * modes << 32


@pytest.mark.verify_all
def test_every_precision_of_data_gating(programs):
    program = programs(UNITS[1])
    compared = sum(agree(program, mode, signed, range(0, PAIRS, 101)) for mode in range(16) for signed in (False, True))
    assert compared == 32 * 649 * PAIRS


def test_a_wrong_gate_is_found(tmp_path):
    """Of 2^32 pairs of words only those with both operands at 0x8000 set the highest bit of a signed product."""
    spec = UNITS[2]
    text = scalable_text(spec)[0]
    old = "assign pp_15_15 = "
    assert text.count(old) == 1
    program = built(spec, tmp_path, text.replace(old, "assign pp_15_15 = 1'h0 & "))
    found, _ = all_words(program, 0, range(0x8000, 0x8001), a_signed=True)
    assert found.startswith("a=0x8000 b=0x8000 plain=0x40000000 dut=0x")
