"""R5 and R6: a disk that is full, and one that fails to sync. What was not written is said, nothing is half-written, and
it works again without more ado. Imported, it is the tests; run as a program, it is what happens on the small disk."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

import harness
from artifacts_sandbox import _namespace as namespace

TEXT = 'x' * 1000

pytestmark = pytest.mark.skipif(not os.path.exists(harness.program('smhost')), reason='smhost is not built')
needs_namespace = pytest.mark.skipif(namespace() is None, reason='no mount namespace here (unshare -Urm)')


def model(name, kilobytes=1):
    environment = {f'KEY_{i}': TEXT for i in range(kilobytes)}
    return {'Type': 'AWS::SageMaker::Model', 'Properties': {'ModelName': name, 'PrimaryContainer': {
        'Image': 'smhost/torch', 'ModelDataUrl': 'file:///nowhere/model.tar.gz', 'Environment': environment}}}


def names(runtime):
    ran = runtime.cli('get', 'model', '-o', 'json')
    assert ran.code == 0, ran
    return sorted(item['ModelName'] for item in ran.json())


def files_below(folder):
    return sorted(os.path.relpath(os.path.join(parent, name), folder)
                  for parent, _, found in os.walk(folder) for name in found)


# ---- a full disk: these two run in a mount namespace, the home is a small tmpfs

def fill_with_documents(runtime):
    """Applies models of 12 KB until one finds no room, then makes room by deleting."""
    for count in range(20):
        ran = runtime.cli('apply', '--no-start', '-f', '-', input=json.dumps([model(f'm{count}', 12)]))
        if ran.code != 0:
            break
    assert 2 <= count < 6, f'64 KB held {count} models of 12 KB: {ran}'
    assert ran.code == 1 and runtime.home in ran.err and 'No space left on device' in ran.err, ran
    before = files_below(runtime.home)
    assert names(runtime) == [f'm{i}' for i in range(count)]
    assert not [path for path in before if f'm{count}' in path or '.tmp' in path], before

    ran = runtime.cli('delete', 'model', 'm0')
    assert ran.code == 0, ran
    ran = runtime.cli('apply', '--no-start', '-f', '-', input=json.dumps([model(f'm{count}', 12)]))
    assert ran.code == 0, f'there is room again: {ran}'
    assert names(runtime) == [f'm{i}' for i in range(1, count + 1)]


def fill_while_serving(runtime):
    """An endpoint serves while the disk is full; an apply is refused; with room again the next one goes through."""
    runtime.up()
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 1}))
    blocker = os.path.join(runtime.home, 'blocker')
    with open(blocker, 'wb', buffering=0) as file:
        try:
            while True:
                file.write(b'x' * 4096)
        except OSError:
            pass
    assert runtime.invoke('e').body == b'1'
    ran = runtime.apply_endpoint('e', runtime.make_artifact({'reply': 2}), check=False)
    assert ran.code != 0 and 'No space left on device' in ran.err, ran
    assert runtime.invoke('e').body == b'1'
    os.remove(blocker)
    runtime.apply_endpoint('e', runtime.make_artifact({'reply': 3}))
    assert runtime.invoke('e').body == b'3'
    assert runtime.cli('down').code == 0
    assert runtime.processes() == []


def on_small_disk(story, options):
    done = subprocess.run([*namespace(), sys.executable, __file__, story, options], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_namespace
def test_on_a_full_disk_an_apply_is_refused_whole_and_deleting_makes_room():
    on_small_disk('fill_with_documents', 'size=64k')


@needs_namespace
def test_on_a_full_disk_what_runs_goes_on_and_room_is_all_it_takes():
    on_small_disk('fill_while_serving', 'size=8m')


# ---- a disk that does not sync

SHIM = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
static int calls;
static int Sync(const char* name, int fd) {
  if (++calls == atoi(getenv("FAIL_SYNC"))) {
    close(open(getenv("FAIL_MARK"), O_CREAT | O_WRONLY, 0600));
    errno = EIO;
    return -1;
  }
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}
int fsync(int fd) { return Sync("fsync", fd); }
int fdatasync(int fd) { return Sync("fdatasync", fd); }
'''


@pytest.fixture(scope='module')
def shim():
    folder = tempfile.mkdtemp(prefix='smh', dir='/tmp')
    with open(folder + '/shim.c', 'w') as file:
        file.write(SHIM)
    subprocess.run(['gcc', '-shared', '-fPIC', '-o', folder + '/shim.so', folder + '/shim.c', '-ldl'], check=True)
    yield folder + '/shim.so'
    shutil.rmtree(folder)


def apply_with_failing_sync(runtime, shim, number, documents):
    """What `apply` said, and whether its number-th sync came to be."""
    mark = os.path.join(runtime.folder, f'mark-{number}')
    environment = {**runtime.env, 'LD_PRELOAD': shim, 'FAIL_SYNC': str(number), 'FAIL_MARK': mark}
    ran = harness.run([harness.program('smhost'), '--home', runtime.home, 'apply', '--no-start', '-f', '-'],
                      env=environment, input=json.dumps(documents))
    return ran, os.path.exists(mark)


def test_whichever_sync_fails_an_apply_is_not_acknowledged_and_is_all_or_nothing(make_runtime, shim):
    hit = True
    number = 0
    while hit:
        number += 1
        assert number < 100, 'an apply syncs without end'
        runtime = make_runtime()
        old = [model('a'), model('b')]
        ran = runtime.cli('apply', '--no-start', '-f', '-', input=json.dumps(old))
        assert ran.code == 0, ran
        new = [model('a', 2), model('b', 2), model('c')]
        ran, hit = apply_with_failing_sync(runtime, shim, number, new)
        assert (ran.code == 0) != hit, f'sync {number}: {ran}'
        if hit:
            assert 'Input/output error' in ran.err and runtime.home in ran.err, ran
        described = {name: runtime.describe_resource('model', name) for name in names(runtime)}
        sizes = {name: len(answer['PrimaryContainer']['Environment']) for name, answer in described.items()}
        assert sizes in ({'a': 1, 'b': 1}, {'a': 2, 'b': 2, 'c': 1}), f'sync {number}: {sizes}'
        ran = runtime.cli('apply', '--no-start', '-f', '-', input=json.dumps(new))
        assert ran.code == 0, f'after sync {number} failed: {ran}'
        assert names(runtime) == ['a', 'b', 'c']
    assert number > 5, f'only {number} syncs: the shim does not see them'


if __name__ == '__main__':
    disk = tempfile.mkdtemp(prefix='smh', dir='/tmp')
    subprocess.run(['mount', '-t', 'tmpfs', '-o', sys.argv[2], 'none', disk], check=True)
    world = harness.Runtime(home=disk + '/h')
    try:
        globals()[sys.argv[1]](world)
    finally:
        world.close()
        subprocess.run(['umount', disk], check=False)
        os.rmdir(disk)
