"""What a shard depends on: its function's module, and what that imports of its own package."""

import sys

from axmac.model.study.shards import shard
from axmac.model.study.shards.shard import Shard


def test_a_change_in_a_module_that_is_imported_of_the_same_package_makes_another_shard(tmp_path, monkeypatch):
    package = tmp_path / "some_studies"
    package.mkdir()
    texts = {"__init__": "", "far": "x = 1\n", "near": "from some_studies.far import x\n", "other": "x = 1\n"}
    texts["work"] = "import json\n\nfrom some_studies.near import x\n\n\ndef run():\n    return json.dumps(x)\n"
    for name, text in texts.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def identity():
        shard._sources.cache_clear()
        return Shard("one", "some_studies.work:run", {}).identity

    first = identity()
    assert identity() == first
    for name, changes in (("other", False), ("work", True), ("near", True), ("far", True)):
        before = identity()
        (package / f"{name}.py").write_text(f"{texts[name]}# changed\n", encoding="utf-8")
        assert (identity() != before) == changes, name
    for name in [name for name in sys.modules if name.startswith("some_studies")]:
        del sys.modules[name]
