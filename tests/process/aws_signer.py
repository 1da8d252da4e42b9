"""AWS Signature Version 4 for requests that a test makes itself: hmac and hashlib alone, so that a test says what it sends."""

import datetime
import hashlib
import hmac
from dataclasses import dataclass


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class Key:
    id: str
    secret: str
    token: str = ''  # of a session

    def signing_key(self, day, region, service):
        key = ('AWS4' + self.secret).encode()
        for part in (day, region, service, 'aws4_request'):
            key = _mac(key, part)
        return key


def sign(key, method, path, headers, body=b'', service='sagemaker', region='us-east-1', at=None, unsigned_body=False):
    """The headers with X-Amz-Date and Authorization; all that are given are signed, Host must be one of them.

    path: one whose canonical form is itself, and no query.
    """
    at = at or datetime.datetime.now(datetime.timezone.utc)
    time = at.strftime('%Y%m%dT%H%M%SZ')
    headers = {**headers, 'X-Amz-Date': time}
    if key.token:
        headers['X-Amz-Security-Token'] = key.token
    payload = hashlib.sha256(body or b'').hexdigest()
    if unsigned_body:
        payload = headers['X-Amz-Content-Sha256'] = 'UNSIGNED-PAYLOAD'
    signed = sorted((name.lower(), ' '.join(value.split())) for name, value in headers.items())
    names = ';'.join(name for name, _ in signed)
    canonical = '\n'.join([method, path, '', *(f'{name}:{value}' for name, value in signed), '', names, payload])
    scope = f'{time[:8]}/{region}/{service}/aws4_request'
    text = '\n'.join(['AWS4-HMAC-SHA256', time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = _mac(key.signing_key(time[:8], region, service), text).hex()
    headers['Authorization'] = f'AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}'
    return headers
