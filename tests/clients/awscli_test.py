"""The AWS command line: create, wait, invoke, update, delete, with `smhost env` alone."""

import json


def done(ran):
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout) if ran.stdout.strip().startswith(('{', '[')) else ran.stdout


def test_create_wait_invoke_update_delete(aws):
    first, second = aws.artifact({'reply': 'one'}), aws.artifact({'reply': 'two'})
    for version, address in (('1', first), ('2', second)):
        done(aws.awscli('sagemaker', 'create-model', '--model-name', 'cli-' + version, '--execution-role-arn', aws.role,
                        '--primary-container', f'Image={aws.image},ModelDataUrl={address}'))
        done(aws.awscli('sagemaker', 'create-endpoint-config', '--endpoint-config-name', 'cli-' + version, '--production-variants',
                        f'VariantName=AllTraffic,ModelName=cli-{version},InstanceType=ml.m5.large,InitialInstanceCount=1'))
    done(aws.awscli('sagemaker', 'create-endpoint', '--endpoint-name', 'cli', '--endpoint-config-name', 'cli-1'))
    done(aws.awscli('sagemaker', 'wait', 'endpoint-in-service', '--endpoint-name', 'cli'))

    def invoke():
        answer = done(aws.awscli('sagemaker-runtime', 'invoke-endpoint', '--endpoint-name', 'cli', '--content-type', 'application/json',
                                 '--body', '[1]', 'answer.json', cwd=aws.runtime.folder))
        assert answer['InvokedProductionVariant'] == 'AllTraffic'
        with open(aws.runtime.folder + '/answer.json') as file:
            return json.load(file)

    assert invoke() == 'one'
    done(aws.awscli('sagemaker', 'update-endpoint', '--endpoint-name', 'cli', '--endpoint-config-name', 'cli-2'))
    done(aws.awscli('sagemaker', 'wait', 'endpoint-in-service', '--endpoint-name', 'cli'))
    assert invoke() == 'two'
    done(aws.awscli('sagemaker', 'delete-endpoint', '--endpoint-name', 'cli'))
    done(aws.awscli('sagemaker', 'wait', 'endpoint-deleted', '--endpoint-name', 'cli'))
    refused = aws.awscli('sagemaker', 'describe-endpoint', '--endpoint-name', 'cli')
    assert refused.returncode != 0
    assert 'Could not find endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/cli".' in refused.stderr


def test_who_is_it(aws):
    said = done(aws.awscli('sts', 'get-caller-identity'))
    assert said['Account'] == '000000000000'
    assert said['Arn'] == 'arn:aws:iam::000000000000:root'
