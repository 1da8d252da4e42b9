"""S3 as the AWS command line uses it: cp, ls, sync, rm, mb and rb, with small and large files.

The fixture `aws` (conftest.py) is a runtime that is up: aws.awscli(*words) runs the `aws` command against it and gives what
subprocess.run gives, with text.
"""

import os

import pytest

LARGE = 20 * 1024 * 1024


@pytest.fixture
def bucket(aws):
    name = 'command-line'
    ran = aws.awscli('s3', 'mb', f's3://{name}')
    assert ran.returncode == 0, ran.stderr
    yield name
    aws.awscli('s3', 'rb', '--force', f's3://{name}')


def run(aws, *words):
    ran = aws.awscli('s3', *words)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_files_go_up_and_come_down(aws, bucket, tmp_path):
    small, large, back = tmp_path / 'small.txt', tmp_path / 'large.bin', tmp_path / 'back'
    small.write_text('hello')
    large.write_bytes(os.urandom(LARGE))
    run(aws, 'cp', str(small), f's3://{bucket}/dir/')
    run(aws, 'cp', str(large), f's3://{bucket}/large')
    listed = run(aws, 'ls', f's3://{bucket}', '--recursive')
    assert 'dir/small.txt' in listed and str(LARGE) in listed
    assert 'PRE dir/' in run(aws, 'ls', f's3://{bucket}')
    run(aws, 'cp', f's3://{bucket}/large', str(back))
    assert back.read_bytes() == large.read_bytes()
    assert run(aws, 'cp', f's3://{bucket}/dir/small.txt', '-') == 'hello'


def test_folders_are_synchronised(aws, bucket, tmp_path):
    source, target = tmp_path / 'source', tmp_path / 'target'
    for name in ('a', 'b/c', 'b/d e'):
        file = source / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    assert run(aws, 'sync', str(source), f's3://{bucket}/tree').count('upload:') == 3
    assert 'upload:' not in run(aws, 'sync', str(source), f's3://{bucket}/tree')
    run(aws, 'sync', f's3://{bucket}/tree', str(target))
    assert (target / 'b/d e').read_text() == 'b/d e'
    (source / 'a').unlink()
    assert 'delete:' in run(aws, 'sync', '--delete', str(source), f's3://{bucket}/tree')
    run(aws, 'cp', f's3://{bucket}/tree/b/c', f's3://{bucket}/copy')
    run(aws, 'rm', '--recursive', f's3://{bucket}/tree')
    assert run(aws, 'ls', f's3://{bucket}', '--recursive').split()[-1] == 'copy'
