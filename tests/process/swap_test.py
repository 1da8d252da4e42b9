"""Swaps under load: no request is lost, none gets another generation's answer, and within an all-at-once swap none goes back.

Each model of a swap answers with its own number (the generation), so an answer tells which fleet gave it; the model's digest
stands in a header, so that an answer that does not fit the model that is said to have given it is found.
"""
import json
import os
import time

import pytest

from processes import wait_until

RATE = 300
SWAPS = int(os.environ.get('SMHOST_TEST_SWAPS', '100'))  # of each endpoint

SIZE = {'Type': 'CAPACITY_PERCENT', 'Value': 50}
POLICIES = {
    'all at once': None,
    'canary': {'BlueGreenUpdatePolicy': {'TrafficRoutingConfiguration': {
        'Type': 'CANARY', 'CanarySize': {'Type': 'CAPACITY_PERCENT', 'Value': 10}, 'WaitIntervalInSeconds': 0}}},
    'linear': {'BlueGreenUpdatePolicy': {'TrafficRoutingConfiguration': {
        'Type': 'LINEAR', 'LinearStepSize': {'Type': 'CAPACITY_PERCENT', 'Value': 25}, 'WaitIntervalInSeconds': 0},
        'TerminationWaitInSeconds': 0}},
    'rolling': {'RollingUpdatePolicy': {'MaximumBatchSize': SIZE, 'WaitIntervalInSeconds': 0}},
}


def swap(runtime, name, artifact, count, policy):
    documents = runtime.documents(name, artifact, count)
    if policy:
        documents[2]['Properties']['DeploymentConfig'] = policy
    ran = runtime.apply(runtime.write_documents(name, documents), '--wait', '--timeout', '60s')
    assert ran.code == 0, f'{ran}\n{runtime.describe()}'


@pytest.mark.parametrize('count', [1, 2])
def test_swaps_of_all_policies_under_load_lose_no_request_and_mix_no_answers(runtime, count):
    runtime.up()
    artifacts = [runtime.make_artifact({'reply': [generation]}) for generation in (0, 1)]
    runtime.apply_endpoint('e', artifacts[0], count)
    digests = {}
    swaps, names = [], list(POLICIES)
    with runtime.load('e', rate=RATE, seconds=110, keep_alive=True) as load:
        time.sleep(0.5)
        for turn in range(1, SWAPS + 1):
            policy = names[turn % len(names)]
            began = time.monotonic()
            swap(runtime, 'e', artifacts[turn % 2], count, POLICIES[policy])
            swaps.append(([turn % 2], began, time.monotonic(), policy))
        time.sleep(0.5)
        load.stop()
    for sent in load.results:
        if sent.status == 200:
            digests.setdefault(tuple(json.loads(sent.body)), set()).add(sent.headers.get('x-smhost-model-digest'))
    assert all(len(of_one) == 1 for of_one in digests.values()), digests
    check_answers_of(load, digests, swaps)
    left = runtime.processes('instance')
    wait_until(lambda: len(runtime.processes('instance')) == count, what=lambda: f'{count} instances, not {left}')


def check_answers_of(load, digests, swaps):
    assert not load.failed(), load.describe_failures()
    assert len(digests) == 2, digests
    for number, began, ended, policy in swaps:
        if policy != 'all at once':
            continue
        inside = [sent for sent in load.results if began <= sent.left <= ended]
        new = [sent.ended for sent in inside if json.loads(sent.body) == number]
        back = [sent for sent in inside if new and sent.left > min(new) and json.loads(sent.body) != number]
        assert not back, f'swap to {number}: {len(back)} requests went back, the first {back[0]}'
