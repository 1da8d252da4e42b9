"""R5: a disk that is full is named, nothing half-written stays, and it works again without more ado."""
import json

import artifacts_corpus as corpus
import pytest
from artifacts_sandbox import HOME, Sandbox, available

pytestmark = pytest.mark.skipif(not available(), reason="needs smhostd in SMHOST_BIN and a mount namespace (unshare -Urm)")


@pytest.mark.parametrize("options", ["size=64k", "nr_inodes=12"])
def test_a_full_disk_is_named_and_cleaned_up(options):
    large = corpus.pack(*(corpus.entry(f"part{i}.pt", bytes([i]) * 20_000) for i in range(20)))
    small = corpus.pack(corpus.entry("model.pt", b"w" * 1000))
    with Sandbox(options) as world:
        outcome = world.fetch(large)
        assert outcome["code"] == 1 and outcome["changed"] == []
        error = json.loads(outcome["stdout"])["error"]
        assert error["code"] == "Unavailable"
        assert error["message"].startswith(HOME + "/artifacts/tmp-") and "No space left on device" in error["message"]
        assert outcome["artifacts"] == {}
        assert world.fetch(small)["code"] == 0
        assert world.fetch(large)["code"] == 1
        names = {path.split("/")[0] for path in world.fetch(small)["artifacts"]}
        (snapshot,) = (name for name in names if name.startswith("sha256-"))
        assert names <= {snapshot, "known-" + snapshot.removeprefix("sha256-") + ".json"}
