"""Studies of one network, LeNet-5, and the sizes that they share."""

from collections.abc import Mapping
from typing import Any

from axmac.model.study.planning import Need, Setting, Study

__all__ = ["OneNet"]


class OneNet(Study):
    """A study of the LeNet-5 that is trained from seed 0."""

    def needs(self, quick: bool) -> list[Need]:
        """The network, the same in the quick study."""
        del quick
        return [Need("lenet5")]

    def net(self, setting: Setting) -> dict[str, Any]:
        """What a setting says of the network."""
        return setting.nets[Need("lenet5")]

    def dataset(self, setting: Setting) -> Mapping[str, str]:
        """The test set."""
        return setting.data(Need("lenet5"))
