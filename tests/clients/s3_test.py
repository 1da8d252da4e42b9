"""S3 as boto3 uses it: each operation, paginators, transfers in parts, presigned addresses, checksums, conditions.

The fixture `aws` (conftest.py) is a runtime that is up: aws.client(service, …) makes a boto3 client that points there.
"""

import base64
import datetime
import hashlib
import io
import os
import socket
import urllib.error
import urllib.request
import zlib

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

LARGE = 20 * 1024 * 1024


@pytest.fixture
def s3(aws):
    return aws.client('s3')


@pytest.fixture
def bucket(s3, request):
    """A bucket of the test's own."""
    name = 'b-' + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    s3.create_bucket(Bucket=name)
    return name


def refused(code, status):
    """The call inside must fail so."""

    class Refused:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            assert isinstance(error, ClientError), error
            response = error.response
            assert (response['Error']['Code'], response['ResponseMetadata']['HTTPStatusCode']) == (code, status), response
            return True

    return Refused()


def body_of(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)['Body'].read()


def fetch(url, **options):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


# --- buckets


def test_a_bucket_from_making_to_removal(s3, bucket):
    assert bucket in [entry['Name'] for entry in s3.list_buckets()['Buckets']]
    assert s3.head_bucket(Bucket=bucket)['ResponseMetadata']['HTTPStatusCode'] == 200
    assert s3.get_bucket_location(Bucket=bucket)['LocationConstraint'] is None
    assert 'Status' not in s3.get_bucket_versioning(Bucket=bucket)
    with refused('BucketAlreadyOwnedByYou', 409):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key='a', Body=b'x')
    with refused('BucketNotEmpty', 409):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key='a')
    s3.delete_bucket(Bucket=bucket)
    with refused('404', 404):
        s3.head_bucket(Bucket=bucket)
    with refused('NoSuchBucket', 404):
        s3.list_objects_v2(Bucket=bucket)


def test_waiters_see_buckets_and_objects(s3, bucket):
    s3.get_waiter('bucket_exists').wait(Bucket=bucket)
    s3.get_waiter('object_not_exists').wait(Bucket=bucket, Key='a')
    s3.put_object(Bucket=bucket, Key='a')
    s3.get_waiter('object_exists').wait(Bucket=bucket, Key='a')


def test_what_is_not_built_says_so(s3, bucket):
    with refused('NotImplemented', 501):
        s3.get_bucket_acl(Bucket=bucket)
    with refused('NotImplemented', 501):
        s3.put_bucket_policy(Bucket=bucket, Policy='{}')
    with refused('NotImplemented', 501):
        s3.put_object(Bucket=bucket, Key='a', Body=b'x', ServerSideEncryption='aws:kms')


# --- objects


def test_an_object_comes_back_with_all_it_had(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key='dir/a b+c.txt', Body=b'hello', ContentType='text/plain', CacheControl='no-cache',
                        Metadata={'who': 'me'})
    assert put['ETag'] == '"5d41402abc4b2a76b9719d911017c592"'
    got = s3.get_object(Bucket=bucket, Key='dir/a b+c.txt')
    assert got['Body'].read() == b'hello'
    assert (got['ContentType'], got['CacheControl'], got['Metadata'], got['ETag']) == ('text/plain', 'no-cache', {'who': 'me'}, put['ETag'])
    head = s3.head_object(Bucket=bucket, Key='dir/a b+c.txt')
    assert head['ContentLength'] == 5
    assert abs(head['LastModified'] - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(hours=1)
    with refused('NoSuchKey', 404):
        s3.get_object(Bucket=bucket, Key='never')
    with refused('404', 404):
        s3.head_object(Bucket=bucket, Key='never')


@pytest.mark.parametrize('key', ['ü…🐟', "q'uo\"te", 'per%20cent', 'a&b<c>', 'tilde~', '(x)[y]{z}', 'sp ace /x', 'new\nline'])
def test_keys_of_all_kinds_are_kept(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert body_of(s3, bucket, key) == key.encode()
    assert [entry['Key'] for entry in s3.list_objects_v2(Bucket=bucket)['Contents']] == [key]
    s3.delete_objects(Bucket=bucket, Delete={'Objects': [{'Key': key}]})
    assert s3.list_objects_v2(Bucket=bucket)['KeyCount'] == 0


def test_keys_that_cannot_be_files_are_refused_by_the_rule(s3, bucket):
    with refused('InvalidArgument', 400):
        s3.put_object(Bucket=bucket, Key='a//b', Body=b'x')
    s3.put_object(Bucket=bucket, Key='a', Body=b'x')
    with refused('InvalidArgument', 400):
        s3.put_object(Bucket=bucket, Key='a/b', Body=b'x')
    with refused('KeyTooLongError', 400):
        s3.put_object(Bucket=bucket, Key='k' * 1025, Body=b'x')


def test_the_object_store_of_the_command_line_is_the_same(aws, s3, bucket, tmp_path):
    file = tmp_path / 'file'
    file.write_bytes(b'by hand')
    assert aws.runtime.cli('cp', str(file), f's3://{bucket}/by/hand').code == 0
    assert body_of(s3, bucket, 'by/hand') == b'by hand'
    s3.put_object(Bucket=bucket, Key='by/api', Body=b'by the API')
    assert aws.runtime.cli('cp', f's3://{bucket}/by/api', str(file)).code == 0
    assert file.read_bytes() == b'by the API'


def test_ranges(s3, bucket):
    s3.put_object(Bucket=bucket, Key='a', Body=b'0123456789')
    part = s3.get_object(Bucket=bucket, Key='a', Range='bytes=2-4')
    assert (part['Body'].read(), part['ContentRange']) == (b'234', 'bytes 2-4/10')
    assert body_of(s3, bucket, 'a', Range='bytes=7-') == b'789'
    assert body_of(s3, bucket, 'a', Range='bytes=-2') == b'89'
    with refused('InvalidRange', 416):
        s3.get_object(Bucket=bucket, Key='a', Range='bytes=10-')


def test_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key='a', Body=b'x', IfNoneMatch='*')['ETag']
    with refused('PreconditionFailed', 412):
        s3.put_object(Bucket=bucket, Key='a', Body=b'y', IfNoneMatch='*')
    with refused('304', 304):
        s3.get_object(Bucket=bucket, Key='a', IfNoneMatch=etag)
    with refused('PreconditionFailed', 412):
        s3.get_object(Bucket=bucket, Key='a', IfMatch='"0"')
    assert body_of(s3, bucket, 'a', IfMatch=etag) == b'x'
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    with refused('304', 304):
        s3.get_object(Bucket=bucket, Key='a', IfModifiedSince=tomorrow)
    assert body_of(s3, bucket, 'a', IfUnmodifiedSince=tomorrow) == b'x'


def test_copies(s3, bucket):
    s3.put_object(Bucket=bucket, Key='a ü', Body=b'x', Metadata={'who': 'me'})
    s3.copy_object(Bucket=bucket, Key='b', CopySource={'Bucket': bucket, 'Key': 'a ü'})
    assert s3.head_object(Bucket=bucket, Key='b')['Metadata'] == {'who': 'me'}
    s3.copy_object(Bucket=bucket, Key='b', CopySource={'Bucket': bucket, 'Key': 'b'}, MetadataDirective='REPLACE', Metadata={'n': '1'})
    assert s3.head_object(Bucket=bucket, Key='b')['Metadata'] == {'n': '1'}
    assert body_of(s3, bucket, 'b') == b'x'


def test_folders_that_consoles_make(s3, bucket):
    s3.put_object(Bucket=bucket, Key='folder/')
    assert s3.head_object(Bucket=bucket, Key='folder/')['ContentLength'] == 0
    assert [entry['Key'] for entry in s3.list_objects_v2(Bucket=bucket)['Contents']] == ['folder/']
    s3.put_object(Bucket=bucket, Key='folder/a', Body=b'x')
    listed = s3.list_objects_v2(Bucket=bucket, Delimiter='/')
    assert [entry['Prefix'] for entry in listed['CommonPrefixes']] == ['folder/']
    s3.delete_object(Bucket=bucket, Key='folder/a')
    s3.delete_object(Bucket=bucket, Key='folder/')
    assert s3.list_objects_v2(Bucket=bucket)['KeyCount'] == 0


def test_deleting_many(s3, bucket):
    for n in range(5):
        s3.put_object(Bucket=bucket, Key=f'n/{n}', Body=b'x')
    done = s3.delete_objects(Bucket=bucket, Delete={'Objects': [{'Key': f'n/{n}'} for n in range(6)]})
    assert len(done['Deleted']) == 6 and 'Errors' not in done
    s3.delete_object(Bucket=bucket, Key='never')


# --- listings


@pytest.mark.parametrize('operation', ['list_objects', 'list_objects_v2'])
def test_paginators_go_through_all_keys_in_order(s3, bucket, operation):
    keys = sorted([f'd{n % 3}/k{n:02}' for n in range(20)] + ['d0-x', 'd0.y', 'd00'])
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b'x')
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={'PageSize': 3})
    assert [entry['Key'] for page in pages for entry in page['Contents']] == keys
    pages = list(s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter='/', PaginationConfig={'PageSize': 2}))
    assert [entry['Prefix'] for page in pages for entry in page.get('CommonPrefixes', [])] == ['d0/', 'd1/', 'd2/']
    assert [entry['Key'] for page in pages for entry in page.get('Contents', [])] == ['d0-x', 'd0.y', 'd00']


# --- uploads in parts


def test_a_large_file_goes_up_in_parts_and_comes_down_in_ranges(s3, bucket, tmp_path):
    source, target = tmp_path / 'source', tmp_path / 'target'
    source.write_bytes(os.urandom(LARGE))
    transfer = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20)
    s3.upload_file(str(source), bucket, 'large', ExtraArgs={'Metadata': {'a': 'b'}}, Config=transfer)
    head = s3.head_object(Bucket=bucket, Key='large')
    assert head['ETag'].endswith('-3"') and head['ContentLength'] == LARGE and head['Metadata'] == {'a': 'b'}
    s3.download_file(bucket, 'large', str(target), Config=transfer)
    assert target.read_bytes() == source.read_bytes()
    s3.copy({'Bucket': bucket, 'Key': 'large'}, bucket, 'copy', Config=transfer)
    assert hashlib.sha256(body_of(s3, bucket, 'copy')).digest() == hashlib.sha256(source.read_bytes()).digest()


def test_an_upload_in_parts_step_by_step(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key='big')['UploadId']
    assert [entry['UploadId'] for entry in s3.list_multipart_uploads(Bucket=bucket)['Uploads']] == [upload]
    ours = {'Bucket': bucket, 'Key': 'big', 'UploadId': upload}
    parts = [b'a' * (5 << 20), b'b' * 10]
    etags = [s3.upload_part(**ours, PartNumber=n + 1, Body=part)['ETag'] for n, part in enumerate(parts)]
    assert [part['ETag'] for part in s3.list_parts(**ours)['Parts']] == etags
    with refused('InvalidPart', 400):
        s3.complete_multipart_upload(**ours, MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': '"0"'}]})
    done = s3.complete_multipart_upload(
        **ours, MultipartUpload={'Parts': [{'PartNumber': n + 1, 'ETag': etag} for n, etag in enumerate(etags)]})
    digest = hashlib.md5(b''.join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert done['ETag'] == f'"{digest}-2"'
    assert body_of(s3, bucket, 'big') == b''.join(parts)
    with refused('NoSuchUpload', 404):
        s3.list_parts(**ours)


def test_an_aborted_upload_leaves_nothing(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key='big')['UploadId']
    s3.upload_part(Bucket=bucket, Key='big', UploadId=upload, PartNumber=1, Body=b'x')
    s3.abort_multipart_upload(Bucket=bucket, Key='big', UploadId=upload)
    assert 'Uploads' not in s3.list_multipart_uploads(Bucket=bucket)
    with refused('NoSuchUpload', 404):
        s3.upload_part(Bucket=bucket, Key='big', UploadId=upload, PartNumber=1, Body=b'x')


# --- proofs of the bytes


@pytest.mark.parametrize('algorithm', ['CRC32', 'SHA1', 'SHA256'])
def test_checksums_are_kept_and_verified(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key='a', Body=b'hello', ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key='a', ChecksumMode='ENABLED')
    assert got['Body'].read() == b'hello'
    assert got[f'Checksum{algorithm}'] == put[f'Checksum{algorithm}']
    with refused('BadDigest', 400):
        s3.put_object(Bucket=bucket, Key='b', Body=b'hello', ChecksumCRC32=base64.b64encode(b'\0\0\0\0').decode())
    with refused('BadDigest', 400):
        s3.put_object(Bucket=bucket, Key='b', Body=b'hello', ContentMD5=base64.b64encode(hashlib.md5(b'x').digest()).decode())
    with refused('NoSuchKey', 404):
        s3.get_object(Bucket=bucket, Key='b')


def test_a_body_with_a_trailing_checksum(s3, bucket):
    class Endless(io.RawIOBase):
        """A source that cannot go back: its checksum is known at its end."""

        def __init__(self, data):
            self.data = io.BytesIO(data)

        def read(self, count=-1):
            return self.data.read(count)

        def readable(self):
            return True

    data = os.urandom(300_000)
    answer = s3.put_object(Bucket=bucket, Key='a', Body=io.BytesIO(data), ChecksumAlgorithm='CRC32')
    assert base64.b64decode(answer['ChecksumCRC32']) == zlib.crc32(data).to_bytes(4, 'big')
    s3.upload_fileobj(Endless(data), bucket, 'b')
    assert body_of(s3, bucket, 'a') == body_of(s3, bucket, 'b') == data


def test_a_client_that_waits_for_the_word_to_go_on(s3, bucket):
    # botocore sends Expect: 100-continue with each PutObject; an answer before the body is read must not break the next call.
    for n in range(3):
        with refused('NoSuchBucket', 404):
            s3.put_object(Bucket='never-made', Key='a', Body=b'x' * 1_000_000)
        s3.put_object(Bucket=bucket, Key='a', Body=b'y' * 1_000_000 + bytes([n]))
    assert body_of(s3, bucket, 'a')[-1] == 2


# --- presigned addresses


@pytest.mark.parametrize('version', ['s3', 's3v4'])
def test_presigned_addresses_get_and_put(aws, bucket, version):
    s3 = aws.client('s3', config=Config(signature_version=version, s3={'addressing_style': 'path'}))
    address = {'Bucket': bucket, 'Key': 'a b/ü'}
    assert fetch(s3.generate_presigned_url('put_object', Params=address), data=b'hello', method='PUT',
                 headers={'Content-Type': ''})[0] == 200
    url = s3.generate_presigned_url('get_object', Params=address)
    assert fetch(url) == (200, b'hello')
    status, text = fetch(url.replace('b/', 'c/'))
    assert status == 403 and b'SignatureDoesNotMatch' in text
    assert fetch(s3.generate_presigned_url('get_object', Params=address, ExpiresIn=-10))[0] in (400, 403)


def test_presigned_addresses_may_rename_what_they_give(s3, bucket):
    s3.put_object(Bucket=bucket, Key='a', Body=b'x')
    url = s3.generate_presigned_url('get_object', Params={'Bucket': bucket, 'Key': 'a', 'ResponseContentType': 'image/png'})
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.headers['Content-Type'] == 'image/png'


# --- addressing


def test_the_bucket_may_be_in_the_host(aws, bucket, monkeypatch):
    # Not every machine's resolver knows names below localhost.
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, 'getaddrinfo',
                        lambda host, *more, **named: resolve('127.0.0.1' if str(host).endswith('.localhost') else host, *more, **named))
    url = aws.client('s3').meta.endpoint_url
    port = url.rpartition(':')[2]
    s3 = aws.client('s3', endpoint_url=f'http://localhost:{port}', config=Config(s3={'addressing_style': 'virtual'}))
    s3.put_object(Bucket=bucket, Key='dir/a', Body=b'x')
    assert body_of(s3, bucket, 'dir/a') == b'x'
    assert [entry['Key'] for entry in s3.list_objects_v2(Bucket=bucket)['Contents']] == ['dir/a']
