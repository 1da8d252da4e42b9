"""botocore's own vectors of the wire protocols against our decoders and encoders: unit/api/protocol_vectors_test.cc reads them."""

import os
import subprocess

import pytest

from harness import program

CONFORMANCE = os.path.join(os.path.dirname(__file__), '..', 'conformance')


def test_botocore_s_protocol_vectors_decode_and_encode_as_its_clients_do():
    found = subprocess.run([os.path.join(CONFORMANCE, 'fetch_botocore')], capture_output=True, text=True)
    if found.returncode != 0:
        pytest.skip("botocore's vectors cannot be fetched here")
    folder = os.path.join(found.stdout.strip(), 'tests', 'unit', 'protocols')
    ran = subprocess.run([program('unit_api'), '[.protocol_vectors]'], env={**os.environ, 'SMHOST_PROTOCOL_VECTORS': folder},
                         capture_output=True, text=True)
    print(ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
