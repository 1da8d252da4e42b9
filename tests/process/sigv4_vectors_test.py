"""botocore's own Signature Version 4 vectors against our check: unit/api/sigv4_vectors_test.cc reads them."""

import os
import subprocess

import pytest

from harness import program

CONFORMANCE = os.path.join(os.path.dirname(__file__), '..', 'conformance')


def test_botocore_s_signature_vectors_are_accepted_and_refused_once_they_are_changed():
    found = subprocess.run([os.path.join(CONFORMANCE, 'fetch_botocore')], capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip("botocore's vectors cannot be fetched here")
    folder = os.path.join(found.stdout.strip(), 'tests', 'unit', 'auth', 'aws4_testsuite')
    ran = subprocess.run([program('unit_api'), '[.vectors]'], env={**os.environ, 'SMHOST_SIGV4_VECTORS': folder},
                         capture_output=True, text=True)
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
