"""What a MAC and the arrays of it refuse; what they compute is compared in tests/sim."""

import pytest

from axmac.model.spec import InputError, Mac, catalog
from axmac.rtl.int_mac import IntMac
from axmac.rtl.mac import FpMac
from axmac.rtl.systolic_os import OutputStationaryArray
from axmac.rtl.systolic_ws import WeightStationaryArray


@pytest.mark.parametrize(
    "build", [FpMac, lambda mac: WeightStationaryArray(mac, 2, 2), lambda mac: OutputStationaryArray(mac, 2, 2)]
)
@pytest.mark.parametrize("options", [{"acc": "float64"}, {"order": "native"}])
def test_sums_that_the_rtl_does_not_have_are_refused(build, options):
    mac = Mac(catalog["ax_fpm"], **options)
    with pytest.raises(InputError, match=r"cannot be built: the RTL sums in float32 in the order of k, use fp32_array"):
        build(mac)
    build(Mac(catalog["ax_fpm"]))


def test_a_mac_of_the_other_family_is_refused():
    with pytest.raises(InputError, match="u8_drum_k4 multiplies integers"):
        FpMac(catalog["u8_drum_k4"])
    with pytest.raises(InputError, match="fp32_array_ama5_t4 multiplies floats"):
        IntMac(catalog["ax_fpm"])
    with pytest.raises(InputError, match="stages must be 1 to 6 for u8_drum_k4"):
        IntMac(catalog["u8_drum_k4"], 7)
