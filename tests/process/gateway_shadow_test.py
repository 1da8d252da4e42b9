"""Shadow variants: copies of requests that no caller waits for or learns of."""

import collections
import os

from frames import echo, response
from gateway_harness import INSTANCE, Load, endpoint, gateway, variant, wait_until  # noqa: F401

ONE, TWO = (INSTANCE + digit for digit in '12')


def shadowed(gateway, answer, sampling=1.0):
    """`e` with a variant that echoes and a shadow; the shadow's instance, connected."""
    gateway.instance(ONE)
    shadow = gateway.instance(TWO, answer=answer)
    gateway.route(endpoint('e', variant('v', ONE), variant('s', TWO, shadow=True, sampling=sampling)))
    gateway.start()
    wait_until(lambda: shadow.accepted)
    return shadow


def counted(gateway, name, code):
    return gateway.metrics().get(f'smhost_requests_total{{account="000000000000",endpoint="e",variant="{name}",code="{code}"}}', 0)


def test_a_shadow_gets_its_sample_of_the_requests_and_answers_no_caller(gateway):
    shadow = shadowed(gateway, lambda request: response(request, b'other'), sampling=0.25)
    client = gateway.client()
    for i in range(100):
        answer = client.request(body=b'%d' % i).answer()
        assert answer.status == 200 and answer.body == b'%d' % i
        assert answer.headers['x-amzn-invoked-production-variant'] == 'v'
    wait_until(lambda: counted(gateway, 's', 200) == 25)
    assert counted(gateway, 'v', 200) == 100
    assert [request.body for request in shadow.requests] == [b'%d' % i for i in range(3, 100, 4)]
    assert client.request(headers={'X-Amzn-SageMaker-Target-Variant': 's'}).answer().status == 400


def test_a_shadow_that_never_answers_delays_nobody(gateway):
    shadow = shadowed(gateway, lambda request: None)
    client = gateway.client()
    for _ in range(300):
        assert client.request(body=b'x').answer().status == 200
    wait_until(lambda: len(shadow.requests) == 64)
    assert counted(gateway, 's', 200) == 0


def test_a_shadow_that_crashes_is_noticed_by_nobody(gateway):
    def crash(request):
        shadow.break_connections()

    shadow = shadowed(gateway, crash)
    load = Load(gateway)
    load.wait(400)
    wait_until(lambda: counted(gateway, 's', 500) > 2)
    counts = load.stop()
    assert counts == collections.Counter({200: len(load.answers)}), counts
    assert 'two instances down' not in gateway.log()


def test_a_shadow_without_an_instance_is_noticed_by_nobody(gateway):
    gateway.instance(ONE, answer=echo)
    gateway.route(endpoint('e', variant('v', ONE), variant('s', shadow=True, sampling=1.0)))
    gateway.start()
    client = gateway.client()
    for _ in range(200):
        assert client.request(body=b'x').answer().status == 200


def test_without_a_file_for_counters_requests_are_served(gateway):
    counters = os.path.join(gateway.home, 'run', 'counters')
    os.mkdir(counters)  # no file can be made there
    gateway.instance(ONE)
    gateway.route(endpoint('e', variant('v', ONE)))
    gateway.start()
    assert gateway.invoke(b'x').status == 200
    assert 'counters' in gateway.log()
