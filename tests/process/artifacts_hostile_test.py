"""R19: whatever an archive holds, nothing outside its folder changes, the first bad entry fails all of it, and the cache stays
as it was. Each archive is unpacked in a mount namespace whose whole tree is compared before and after."""
import json
import re

import artifacts_corpus as corpus
import pytest
from artifacts_sandbox import Sandbox, available

pytestmark = pytest.mark.skipif(not available(), reason="needs smhostd in SMHOST_BIN and a mount namespace (unshare -Urm)")


@pytest.fixture(scope="module")
def world():
    # Smaller than the bombs: one that was written before it was refused would fill the disk and be reported as that.
    with Sandbox("size=4m") as sandbox:
        good = sandbox.fetch(corpus.GOOD)
        assert good["code"] == 0, good
        sandbox.cache = good["artifacts"]
        yield sandbox


def refuse(world, archive, code, words, names_entry=True):
    outcome = world.fetch(archive)
    assert outcome["changed"] == []
    assert outcome["artifacts"] == world.cache
    assert outcome["code"] == 1, outcome
    error = json.loads(outcome["stdout"])["error"]
    assert error["code"] == code, error
    assert words in error["message"]
    assert not names_entry or "entry '" in error["message"]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", error["message"])
    return error["message"]


def rows(table):
    return [pytest.param(row, id=name) for name, row in table.items()]


def test_a_good_archive_is_unpacked_read_only_whatever_its_modes_say(world):
    archive = corpus.pack(corpus.entry("model.pt", b"x", mode=0o6777), corpus.entry("d/x", b"y", mode=0))
    before = world.cache
    outcome = world.fetch(archive)
    assert outcome["code"] == 0 and outcome["changed"] == []
    new = {path: what for path, what in outcome["artifacts"].items() if path not in before and not path.startswith("known-")}
    assert {path.partition("/")[2]: what[:10] for path, what in new.items()} == {
        "": "dr-x------", "model.pt": "-r--------", "d": "dr-x------", "d/x": "-r--------"}
    world.cache = outcome["artifacts"]


@pytest.mark.parametrize("archive", rows(corpus.ESCAPES))
def test_a_name_that_climbs_out_is_refused(world, archive):
    refuse(world, archive, "Invalid", "climbs")


@pytest.mark.parametrize("archive", rows(corpus.ABSOLUTE))
def test_an_absolute_name_is_refused(world, archive):
    refuse(world, archive, "Invalid", "absolute")


@pytest.mark.parametrize("archive", rows(corpus.LINKS))
def test_a_link_is_refused_wherever_it_points(world, archive):
    refuse(world, archive, "Invalid", "link")


@pytest.mark.parametrize("row", rows(corpus.SPECIAL))
def test_what_is_neither_file_nor_folder_is_refused(world, row):
    refuse(world, row[0], "Invalid", row[1])


@pytest.mark.parametrize("row", rows(corpus.NAMES))
def test_a_name_that_is_odd_or_taken_is_refused(world, row):
    refuse(world, row[0], "Invalid", row[1], names_entry=False)


@pytest.mark.parametrize("row", rows(corpus.LIMITS))
def test_a_limit_ends_it_before_the_disk_does(world, row):
    refuse(world, row[0], "TooLarge", row[1], names_entry=False)


@pytest.mark.parametrize("archive", rows(corpus.DAMAGED))
def test_a_damaged_archive_is_refused_whole(world, archive):
    assert "cannot unpack" in refuse(world, archive, "Invalid", "", names_entry=False)


def test_a_name_with_a_nul_is_cut_there_and_leads_nowhere(world):
    archive = corpus.raw(corpus.pax((b"path", b"a\0/../../../../canary/evil")), corpus.header(size=b"00000000001\0"), b"x")
    outcome = world.fetch(archive)
    assert outcome["changed"] == []
    world.cache = outcome["artifacts"]


@pytest.mark.parametrize("seed", range(4))
def test_archives_changed_at_random_are_unpacked_or_refused(world, seed):
    for index, archive in enumerate(corpus.mutations(40, seed)):
        outcome = world.fetch(archive)
        assert outcome["code"] in (0, 1), f"seed {seed}, archive {index}: {outcome}"
        assert outcome["changed"] == [], f"seed {seed}, archive {index}"
        assert not [path for path in outcome["artifacts"] if path.startswith("tmp-")]
        kinds = {what[0] for what in outcome["artifacts"].values()}
        assert kinds <= {"d", "-"}, f"seed {seed}, archive {index}"
        world.cache = outcome["artifacts"]
