"""Many clients at once: nothing that was acknowledged is lost, nobody gets a 500."""

import os
import random
import threading
import time

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

CLIENTS = 32
SECONDS = float(os.environ.get('SMHOST_TEST_PARALLEL_SECONDS', '15'))


class Worker:
    """Creates, describes, tags, updates and deletes under names of its own, and remembers what was acknowledged."""

    def __init__(self, aws, number, image, address):
        self.sagemaker = aws.client('sagemaker', config=Config(retries={'total_max_attempts': 8, 'mode': 'standard'}))
        self.random = random.Random(number)
        self.name, self.container = f'p{number}', {'Image': image, 'ModelDataUrl': address}
        self.models, self.configs, self.serial, self.role = set(), {}, 0, aws.role
        self.endpoint = None
        self.faults, self.describe_times = [], []

    def run(self, until):
        try:
            while time.monotonic() < until:
                self.random.choice([self.create_model, self.create_config, self.describe_model, self.describe_model,
                                    self.delete_model, self.tag, self.step_endpoint])()
        except Exception as error:  # told by the test
            self.faults.append(repr(error))

    def fresh(self):
        self.serial += 1
        return f'{self.name}-{self.serial}'

    def create_model(self):
        name = self.fresh()
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=self.role, PrimaryContainer=self.container)
        self.models.add(name)
        self.sagemaker.describe_model(ModelName=name)  # at once, whoever answers

    def create_config(self):
        if not self.models:
            return
        name, model = self.fresh(), sorted(self.models)[0]
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[
            {'VariantName': 'v', 'ModelName': model, 'InstanceType': 'ml.m5.large', 'InitialInstanceCount': 1}])
        self.configs[name] = model

    def describe_model(self):
        if not self.models:
            return
        name = self.random.choice(sorted(self.models))
        began = time.monotonic()
        assert self.sagemaker.describe_model(ModelName=name)['ModelName'] == name
        self.describe_times.append(time.monotonic() - began)

    def delete_model(self):
        free = sorted(self.models - set(self.configs.values()))
        if not free:
            return
        self.sagemaker.delete_model(ModelName=free[0])
        self.models.remove(free[0])
        with pytest.raises(ClientError, match='Could not find model'):
            self.sagemaker.describe_model(ModelName=free[0])

    def tag(self):
        if not self.models:
            return
        arn = self.sagemaker.describe_model(ModelName=sorted(self.models)[0])['ModelArn']
        value = str(self.random.random())
        self.sagemaker.add_tags(ResourceArn=arn, Tags=[{'Key': 'k', 'Value': value}])
        assert {'Key': 'k', 'Value': value} in self.sagemaker.list_tags(ResourceArn=arn)['Tags']

    def step_endpoint(self):
        """A quarter of the clients have an endpoint; what AWS refuses in its present state is refused here."""
        if not self.configs or int(self.name[1:]) % 4:
            return
        config = self.random.choice(sorted(self.configs))
        if self.endpoint is None:
            self.sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=config)
            self.endpoint = config
            return
        status = self.sagemaker.describe_endpoint(EndpointName=self.name)['EndpointStatus']
        assert status in ('Creating', 'Updating', 'InService'), status
        if status == 'InService' and config != self.endpoint:
            self.sagemaker.update_endpoint(EndpointName=self.name, EndpointConfigName=config)
            self.endpoint = config


def names_of(client, operation, key, member):
    return {one[member] for page in client.get_paginator(operation).paginate() for one in page[key]}


def test_parallel_clients_lose_nothing(aws):
    address = aws.artifact({'echo': True})
    workers = [Worker(aws, number, aws.image, address) for number in range(CLIENTS)]
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=worker.run, args=(until,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [worker.faults for worker in workers if worker.faults] == []
    assert sum(worker.serial for worker in workers) >= CLIENTS
    client = aws.client('sagemaker')
    assert names_of(client, 'list_models', 'Models', 'ModelName') == set().union(*(worker.models for worker in workers))
    assert (names_of(client, 'list_endpoint_configs', 'EndpointConfigs', 'EndpointConfigName')
            == set().union(*(worker.configs for worker in workers)))
    assert (names_of(client, 'list_endpoints', 'Endpoints', 'EndpointName')
            == {worker.name for worker in workers if worker.endpoint})
    # The last acknowledged update is what each comes to.
    for worker in workers:
        if worker.endpoint:
            client.get_waiter('endpoint_in_service').wait(EndpointName=worker.name, WaiterConfig={'Delay': 1, 'MaxAttempts': 120})
            assert client.describe_endpoint(EndpointName=worker.name)['EndpointConfigName'] == worker.endpoint
    times = sorted(second for worker in workers for second in worker.describe_times)
    print(f'{len(times)} descriptions, p50 {times[len(times) // 2] * 1000:.1f} ms beside the other clients')
