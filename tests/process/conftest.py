"""Fixtures of the process tests: runtimes that are ended, whatever the test did."""

import os

import pytest

from harness import Runtime


@pytest.fixture
def make_runtime():
    made = []

    def make(**options):
        made.append(Runtime(**options))
        return made[-1]

    yield make
    for runtime in made:
        runtime.close()


@pytest.fixture
def runtime(make_runtime):
    """One that is not up yet."""
    return make_runtime()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its runtimes said."""
    report = (yield).get_result()
    runtime = getattr(item, 'funcargs', {}).get('runtime')
    if report.when == 'call' and report.failed and runtime and os.path.isdir(runtime.home):
        report.sections.append(('runtime', runtime.describe()))
