"""What every process test needs: a runtime in a home of its own, with real processes, sockets and files.

    def test_…(runtime):
        runtime.up()
        runtime.apply_endpoint('e', runtime.make_artifact({'echo': True}))
        assert runtime.invoke('e', b'[1]').status == 200

The programs come from $SMHOST_BIN; the worker is the scripted one (tests/fakes/scripted_worker.cc), so no test needs
torch. Whatever a test does, close() ends every process of its home.
"""

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass

import aws_signer
import http_client
from load import Load
from processes import processes_of, wait_until

BIN = os.environ.get('SMHOST_BIN') or os.path.join(os.path.dirname(__file__), '..', '..', 'build', 'bin')
ACCOUNT = '000000000000'


@dataclass
class Ran:
    """A command that ended."""
    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


def program(name):
    return os.path.join(os.path.abspath(BIN), name)


def run(words, env=None, input=None, timeout=60.0, cwd=None):
    done = subprocess.run(words, env=env, input=input, capture_output=True, timeout=timeout, cwd=cwd,
                          text=not isinstance(input, bytes))
    decode = lambda text: text if isinstance(text, str) else text.decode(errors='replace')
    return Ran(done.returncode, decode(done.stdout), decode(done.stderr))


class Runtime:
    def __init__(self, home=None, worker='scripted_worker', env=None):
        """home: below a new short folder where not given. worker: a program's name in $SMHOST_BIN, or a path."""
        self.folder = tempfile.mkdtemp(prefix='smh', dir='/tmp')  # short: so are the paths of its sockets
        self.home = os.path.realpath(home or os.path.join(self.folder, 'h'))
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith(('SMHOST_', 'XDG_', 'AWS_'))}
        self.env['SMHOST_WORKER'] = worker if '/' in worker else program(worker)
        self.env.update(env or {})
        self._artifacts = 0

    # --- the runtime's life

    def smhostd(self, *words, timeout=60.0):
        return run([program('smhostd'), *words], env=self.env, timeout=timeout)

    def cli(self, *words, input=None, timeout=60.0, cwd=None):
        """`smhost --home … WORDS`."""
        words = [program('smhost'), '--home', self.home, *words]
        return run(words, env=self.env, input=input, timeout=timeout, cwd=cwd)

    def up(self, *words, wait=True):
        """Starts the supervisor and waits until the gateway answers and the controller runs."""
        ran = self.smhostd('up', '--home', self.home, *words)
        assert ran.code == 0, f'up: {ran}'
        if wait:
            self.wait_answering()
            wait_until(lambda: self.processes('controller'), what=lambda: f'a controller\n{self.describe()}')
        return ran

    def wait_answering(self, timeout=10.0):
        wait_until(lambda: self.answers(), timeout, what=lambda: f'an answer to /ping\n{self.log("supervisor")}')

    def answers(self):
        try:
            return self.get('/ping', timeout=5.0).status == 200
        except OSError:
            return False

    def down(self, timeout=40.0):
        """Stops in order, by the supervisor alone, and waits for its end."""
        supervisor = self.process('supervisor')
        supervisor.signal(signal.SIGTERM)
        wait_until(lambda: not supervisor.alive(), timeout, what=lambda: f'the supervisor\'s end\n{self.describe()}')

    def close(self):
        """Ends whatever is left, supervisor first so that nothing is started again, and removes the folder."""
        deadline = time.monotonic() + 20.0
        while True:
            left = self.processes()
            if not left:
                break
            assert time.monotonic() < deadline, f'cannot be ended: {left}'
            for process in sorted(left, key=lambda process: process.role != 'supervisor'):
                process.kill()
            time.sleep(0.01)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- its processes

    def processes(self, role=None):
        return processes_of(self.home, role)

    def process(self, role):
        """The youngest of that role."""
        found = self.processes(role)
        assert found, f'no {role}\n{self.describe()}'
        return found[-1]

    def kill(self, role, number=signal.SIGKILL):
        process = self.process(role)
        assert process.signal(number), f'{process} is gone'
        return process

    def wait_replaced(self, process, timeout=10.0):
        """Another one in that role, the given one gone; the new one."""
        def successor():
            found = self.processes(process.role)
            return found[-1] if found and process not in found else None
        return wait_until(successor, timeout, what=lambda: f'another {process.role}\n{self.describe()}')

    # --- what it says about itself

    def info(self):
        """The content of the lock file; {} where no runtime runs."""
        with open(os.path.join(self.home, 'lock')) as file:
            text = file.read()
        return json.loads(text) if text else {}

    @property
    def port(self):
        return self.info()['port']

    @property
    def socket(self):
        return os.path.join(self.home, 'run', 'smhost.sock')

    def root_key(self, account=ACCOUNT):
        with open(os.path.join(self.home, 'credentials.json')) as file:
            root = json.load(file)['Content']['Accounts'][account]['Root']
        return aws_signer.Key(root['AccessKeyId'], root['SecretAccessKey'])

    def log(self, role):
        try:
            with open(os.path.join(self.home, 'logs', role + '.log'), errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def describe(self):
        """For an assertion's message."""
        lines = [str(process) for process in self.processes()]
        for role in ('supervisor', 'controller', 'gateway', 'api', 'launcher'):
            lines += [f'--- {role}.log', *self.log(role).splitlines()[-15:]]
        return '\n'.join(lines)

    # --- HTTP

    def target(self, tcp=False):
        return (self.info().get('address', '127.0.0.1'), self.port) if tcp else self.socket

    def signed(self, method, path, body, headers):
        """By the local account's root key, for the port."""
        host = '%s:%d' % self.target(tcp=True)
        return aws_signer.sign(self.root_key(), method, path, {'Host': host, **headers}, body)

    def request(self, method, path, body=None, headers=None, tcp=False, sign=True, timeout=10.0):
        """Over the owner's socket; with tcp over the port, then signed."""
        headers = dict(headers or {})
        if tcp and sign:
            headers = self.signed(method, path, body, headers)
        return http_client.request(self.target(tcp), method, path, body, headers, timeout)

    def get(self, path, **options):
        return self.request('GET', path, **options)

    def invoke(self, endpoint, body=b'[1]', content_type='application/json', headers=None, **options):
        headers = {'Content-Type': content_type, **(headers or {})}
        return self.request('POST', f'/endpoints/{endpoint}/invocations', body, headers, **options)

    def load(self, endpoint=None, body=b'[1]', tcp=True, **options):
        """Invocations of the endpoint, or /ping without one, at a rate; see load.Load."""
        if endpoint is None:
            return Load(self.target(tcp), 'GET', '/ping', **options)
        path, headers = f'/endpoints/{endpoint}/invocations', {'Content-Type': 'application/json'}
        if not tcp:
            return Load(self.target(), 'POST', path, body, headers, **options)
        key, host = self.root_key(), '%s:%d' % self.target(tcp=True)
        signed = lambda content: aws_signer.sign(key, 'POST', path, {'Host': host, **headers}, content)
        return Load(self.target(tcp), 'POST', path, body, signed, **options)

    # --- documents

    def make_artifact(self, script=None, folder=None, name=None, files=None):
        """A model.tar.gz whose model.pt is the scripted worker's script; `files` adds others, name to bytes."""
        self._artifacts += 1
        folder = folder or self.folder
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, name or f'model-{self._artifacts}.tar.gz')
        contents = {'model.pt': json.dumps({'echo': True} if script is None else script).encode(), **(files or {})}
        with tarfile.open(path + '.new', 'w:gz') as archive:
            for member, content in contents.items():
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        os.replace(path + '.new', path)
        return path

    def documents(self, name, artifact, count=1, env=None, variant='AllTraffic', instance_type='ml.m5.large', **extra):
        """The three documents of an endpoint; `extra` goes into its variant."""
        environment = {key: str(value) for key, value in (env or {}).items()}
        url = artifact if '://' in artifact else 'file://' + artifact
        container = {'Image': 'smhost/torch', 'ModelDataUrl': url, 'Environment': environment}
        return [
            {'Type': 'AWS::SageMaker::Model', 'Properties': {'ModelName': name, 'PrimaryContainer': container}},
            {'Type': 'AWS::SageMaker::EndpointConfig', 'Properties': {
                'EndpointConfigName': name,
                'ProductionVariants': [{'VariantName': variant, 'ModelName': name, 'InstanceType': instance_type,
                                        'InitialInstanceCount': count, 'InitialVariantWeight': 1.0, **extra}]}},
            {'Type': 'AWS::SageMaker::Endpoint', 'Properties': {'EndpointName': name, 'EndpointConfigName': name}},
        ]

    def write_documents(self, name, documents):
        path = os.path.join(self.folder, name + '.json')
        with open(path, 'w') as file:
            json.dump(documents, file, indent=2)
        return path

    def apply(self, path, *words, timeout=60.0):
        return self.cli('apply', '-f', path, *words, timeout=timeout)

    def apply_endpoint(self, name, artifact, count=1, env=None, wait=True, check=True, timeout=30.0, **extra):
        """Writes the documents and applies them; with wait until the endpoint serves them."""
        path = self.write_documents(name, self.documents(name, artifact, count, env, **extra))
        words = ['--wait', '--timeout', f'{timeout:g}s'] if wait else []
        ran = self.apply(path, *words, timeout=timeout + 30.0)
        assert not check or ran.code == 0, f'apply: {ran}\n{self.describe()}'
        return ran

    def describe_resource(self, kind, name):
        ran = self.cli('describe', kind, name, '-o', 'json')
        return ran.json() if ran.code == 0 else None

    def endpoint_status(self, name):
        described = self.describe_resource('endpoint', name)
        return described['EndpointStatus'] if described else None
