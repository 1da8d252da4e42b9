"""Fixtures of the tests with real AWS clients: a runtime, and what `smhost env` says, which is all that a client is told."""

import os
import shlex
import subprocess
import sys
import tarfile

import pytest

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'process')]

import shapes  # noqa: E402
from harness import Runtime, program  # noqa: E402
from processes import wait_until  # noqa: E402, F401

HERE = os.path.dirname(os.path.abspath(__file__))
ROLE = 'arn:aws:iam::000000000000:role/service-role/SageMakerRole'
IMAGE = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.5-cpu-py311'


def environment_of(runtime, *options):
    """The variables of `smhost env`, as a shell would set them."""
    ran = runtime.cli('env', *options)
    assert ran.code == 0, ran
    variables = {}
    for line in ran.out.splitlines():
        word = shlex.split(line, comments=True)
        for text in word[1:] if word[:1] == ['export'] else word:
            name, equals, value = text.partition('=')
            if equals:
                variables[name] = value
    return variables


class Aws:
    """One runtime and one account of it, to be used by any client."""

    def __init__(self, runtime, *options):
        self.runtime = runtime
        self.variables = environment_of(runtime, *options)
        self.role = ROLE
        self.image = IMAGE
        self.bucket = 'client-tests'
        self._artifacts = 0
        self.seen = set()  # (service, operation) that were answered

    @property
    def env(self):
        """For a program: nothing of this machine's own AWS settings, all of `smhost env`."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(('AWS_', 'SMHOST_', 'XDG_'))}
        return {**clean, 'HOME': self.runtime.folder, 'AWS_EC2_METADATA_DISABLED': 'true', **self.variables}

    def session(self):
        import boto3
        os.environ['AWS_EC2_METADATA_DISABLED'] = 'true'
        for name in [name for name in os.environ if name.startswith('AWS_ENDPOINT_URL') or name == 'AWS_CA_BUNDLE']:
            del os.environ[name]
        os.environ.update({name: value for name, value in self.variables.items()
                           if name.startswith('AWS_ENDPOINT_URL') or name == 'AWS_CA_BUNDLE'})
        return boto3.Session(aws_access_key_id=self.variables['AWS_ACCESS_KEY_ID'],
                             aws_secret_access_key=self.variables['AWS_SECRET_ACCESS_KEY'],
                             aws_session_token=self.variables.get('AWS_SESSION_TOKEN'),
                             region_name=self.variables['AWS_DEFAULT_REGION'])

    def client(self, service, **options):
        client = self.session().client(service, **options)
        shapes.check_answers(client, self.seen)
        return client

    def make_bucket(self, name=None):
        s3 = self.client('s3')
        try:
            s3.create_bucket(Bucket=name or self.bucket)
        except s3.exceptions.BucketAlreadyOwnedByYou:
            pass
        return name or self.bucket

    def artifact(self, script=None, path=None):
        """Puts a model.tar.gz into the bucket: the scripted worker's script, or a file that is there. Its s3 address."""
        self._artifacts += 1
        path = path or self.runtime.make_artifact(script)
        key = f'models/{self._artifacts}/model.tar.gz'
        self.client('s3').upload_file(path, self.make_bucket(), key)
        return f's3://{self.bucket}/{key}'

    def torch_model(self, kind='noop', number='1'):
        """A folder with a TorchScript model of tests/fakes/make_models.cc, and its model.tar.gz."""
        self._artifacts += 1
        folder = os.path.join(self.runtime.folder, f'torch-{self._artifacts}')
        os.mkdir(folder)
        subprocess.run([program('make_models'), kind, os.path.join(folder, 'model.pt'), number], check=True)
        archive = folder + '.tar.gz'
        with tarfile.open(archive, 'w:gz') as tar:
            tar.add(os.path.join(folder, 'model.pt'), 'model.pt')
        return folder, archive

    def container(self, script=None, **members):
        return {'Image': self.image, 'ModelDataUrl': self.artifact(script), **members}

    def run(self, *words, input=None, timeout=120, cwd=None):
        return subprocess.run(words, env=self.env, input=input, capture_output=True, text=True, timeout=timeout, cwd=cwd)

    def awscli(self, *words, **options):
        return self.run(os.path.join(os.path.dirname(sys.executable), 'aws'), *words, **options)


def _printed(what):
    ran = subprocess.run([os.path.join(HERE, 'setup'), what], capture_output=True, text=True)
    return ran.stdout.strip() if ran.returncode == 0 else None


@pytest.fixture(scope='session')
def javascript_folder():
    return _printed('--print-javascript') or pytest.skip('no JavaScript SDK here')


@pytest.fixture(scope='session')
def go_client():
    return _printed('--print-go') or pytest.skip('no Go client here')


@pytest.fixture(scope='module')
def aws():
    """With the scripted worker: models without torch."""
    runtime = Runtime()
    try:
        runtime.up()
        yield Aws(runtime)
    finally:
        runtime.close()


@pytest.fixture(scope='module')
def torch_aws():
    """With the real worker: models of TorchScript."""
    if not os.path.exists(program('smhost-worker')) or not os.path.exists(program('make_models')):
        pytest.skip('built without torch')
    runtime = Runtime(worker='smhost-worker')
    try:
        runtime.up()
        yield Aws(runtime)
    finally:
        runtime.close()
