"""Checks every answer that a boto3 client gets against its operation's output shape: no required member is missing, every type is
right, no member is null."""

import json

from botocore.validate import ParamValidator


def _nulls(value, path=''):
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _nulls(inner, f'{path}.{key}')
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _nulls(inner, f'{path}[{index}]')


def _plain(value):
    """Streams are checked by who reads them: here they count as empty."""
    def emptied(inner):
        return {} if type(inner).__name__ == 'EventStream' else b'' if hasattr(inner, 'read') else inner
    return {key: emptied(inner) for key, inner in value.items() if key != 'ResponseMetadata'}


def check_answers(client, seen):
    def raw(response_dict, operation_model, **_):
        if response_dict['status_code'] < 300 and 'json' in response_dict['headers'].get('content-type', ''):
            body = response_dict['body']
            if isinstance(body, bytes) and body.strip():
                found = list(_nulls(json.loads(body)))
                assert not found or operation_model.name == 'InvokeEndpoint', f'{operation_model.name}: null at {found}'

    def parsed(parsed, model, http_response, **_):
        if http_response.status_code >= 300:
            return
        seen.add((model.service_model.service_name, model.name))
        if model.output_shape is not None:
            answer = _plain(parsed)
            if model.has_streaming_output:  # read, and its events checked, by the test
                answer[model.output_shape.serialization['payload']] = {} if model.has_event_stream_output else b''
            report = ParamValidator().validate(answer, model.output_shape)
            assert not report.has_errors(), f'{model.name}: {report.generate_report()}'

    client.meta.events.register('before-parse.*.*', raw)
    client.meta.events.register('after-call.*.*', parsed)
