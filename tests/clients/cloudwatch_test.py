"""CloudWatch with boto3: alarms and metrics of one's own."""
import datetime
import time

import botocore.exceptions
import pytest


def wait_for(what, ask, seconds=60):
    """The first true answer; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.2)
    pytest.fail(f'{what} did not come true within {seconds} s')


@pytest.fixture
def cloudwatch(aws):
    return aws.client('cloudwatch')


def put_alarm(cloudwatch, name, **more):
    cloudwatch.put_metric_alarm(**{
        'AlarmName': name, 'Namespace': 'AWS/SageMaker', 'MetricName': 'Invocation5XXErrors', 'Statistic': 'Sum', 'Period': 10,
        'EvaluationPeriods': 1, 'Threshold': 0, 'ComparisonOperator': 'GreaterThanThreshold', 'TreatMissingData': 'notBreaching',
        'Dimensions': [{'Name': 'EndpointName', 'Value': 'no-such'}, {'Name': 'VariantName', 'Value': 'main'}], **more})


def state_of(cloudwatch, name):
    return cloudwatch.describe_alarms(AlarmNames=[name])['MetricAlarms'][0]


def test_alarms_are_put_described_and_deleted(cloudwatch):
    put_alarm(cloudwatch, 'clients-quiet', AlarmDescription='nothing', Tags=[{'Key': 'a', 'Value': 'b'}])
    alarm = wait_for('the evaluation', lambda: (lambda a: a if a['StateValue'] == 'OK' else None)(state_of(cloudwatch, 'clients-quiet')))
    assert alarm['AlarmDescription'] == 'nothing'
    assert alarm['Threshold'] == 0
    assert isinstance(alarm['StateUpdatedTimestamp'], datetime.datetime)
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm['AlarmArn'])['Tags'] == [{'Key': 'a', 'Value': 'b'}]
    cloudwatch.delete_alarms(AlarmNames=['clients-quiet'])
    assert cloudwatch.describe_alarms(AlarmNames=['clients-quiet'])['MetricAlarms'] == []


def test_a_state_that_is_set_holds_until_the_next_evaluation(cloudwatch):
    put_alarm(cloudwatch, 'clients-set')
    wait_for('the evaluation', lambda: state_of(cloudwatch, 'clients-set')['StateValue'] == 'OK')
    cloudwatch.set_alarm_state(AlarmName='clients-set', StateValue='ALARM', StateReason='a drill')
    assert state_of(cloudwatch, 'clients-set')['StateValue'] == 'ALARM'
    wait_for('the next evaluation', lambda: state_of(cloudwatch, 'clients-set')['StateValue'] == 'OK')
    history = cloudwatch.describe_alarm_history(AlarmName='clients-set', HistoryItemType='StateUpdate')['AlarmHistoryItems']
    assert 'Alarm updated from OK to ALARM' in [item['HistorySummary'] for item in history]
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.set_alarm_state(AlarmName='clients-none', StateValue='OK', StateReason='none')
    cloudwatch.delete_alarms(AlarmNames=['clients-set'])


def test_metrics_of_ones_own_are_read_and_raise_alarms(cloudwatch):
    put_alarm(cloudwatch, 'clients-orders', Namespace='Clients', MetricName='Orders', Dimensions=[{'Name': 'Place', 'Value': 'Rome'}],
              Threshold=5)
    datum = {'MetricName': 'Orders', 'Dimensions': [{'Name': 'Place', 'Value': 'Rome'}], 'Unit': 'Count'}

    def ring():
        cloudwatch.put_metric_data(Namespace='Clients', MetricData=[{**datum, 'Values': [4.0, 8.0], 'Counts': [2, 1]}])
        return state_of(cloudwatch, 'clients-orders')['StateValue'] == 'ALARM'

    wait_for('the alarm', ring)
    now = datetime.datetime.now(datetime.timezone.utc)
    span = {'StartTime': now - datetime.timedelta(minutes=10), 'EndTime': now + datetime.timedelta(minutes=1)}
    points = cloudwatch.get_metric_statistics(Namespace='Clients', MetricName='Orders', Dimensions=datum['Dimensions'], Period=60,
                                              Statistics=['Maximum', 'Average'], **span)['Datapoints']
    assert points and all(point['Maximum'] == 8 and point['Unit'] == 'Count' for point in points)
    query = {'Id': 'q', 'MetricStat': {'Metric': {'Namespace': 'Clients', 'MetricName': 'Orders', 'Dimensions': datum['Dimensions']},
                                       'Period': 60, 'Stat': 'Minimum'}}
    result = cloudwatch.get_metric_data(MetricDataQueries=[query], **span)['MetricDataResults'][0]
    assert result['StatusCode'] == 'Complete' and set(result['Values']) == {4}
    assert cloudwatch.list_metrics(Namespace='Clients')['Metrics'][0]['MetricName'] == 'Orders'
    cloudwatch.delete_alarms(AlarmNames=['clients-orders'])


def test_refusals(cloudwatch):
    with pytest.raises(botocore.exceptions.ClientError, match='The value AWS/ for parameter Namespace is invalid'):
        cloudwatch.put_metric_data(Namespace='AWS/SageMaker', MetricData=[{'MetricName': 'x', 'Value': 1}])
    with pytest.raises(botocore.exceptions.ClientError, match='metrics math'):
        cloudwatch.put_metric_alarm(AlarmName='clients-math', EvaluationPeriods=1, ComparisonOperator='GreaterThanThreshold', Threshold=1,
                                    Metrics=[{'Id': 'a', 'Expression': '1+1'}])
