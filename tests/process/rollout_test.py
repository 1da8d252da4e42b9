"""Updates step by step with real processes: what is seen of them, how they are ended, undone, and sizes changed in place."""

import json
import os
import re
import shutil

import pytest

from processes import wait_until


def canary(wait, percent=50):
    return {'Type': 'CANARY', 'WaitIntervalInSeconds': wait, 'CanarySize': {'Type': 'CAPACITY_PERCENT', 'Value': percent}}


class Served:
    """One endpoint 'e'; apply() gives it a configuration of its own for each model."""

    def __init__(self, runtime):
        self.runtime, self.number = runtime, 0

    def apply(self, script, routing=None, wait=True, count=1, rolling=None, extra=None):
        """The next model with the next configuration (c1, c2, …); the exit code of apply."""
        self.number += 1
        name = f'c{self.number}'
        documents = self.runtime.documents(name, self.runtime.make_artifact(script), count=count)
        documents[2]['Properties'] = {'EndpointName': 'e', 'EndpointConfigName': name, **(extra or {})}
        if routing:
            documents[2]['Properties']['DeploymentConfig'] = {'BlueGreenUpdatePolicy': {'TrafficRoutingConfiguration': routing}}
        if rolling:
            documents[2]['Properties']['DeploymentConfig'] = {'RollingUpdatePolicy': rolling}
        return self.runtime.apply(self.runtime.write_documents(name, documents), *(['--wait', '--timeout', '20s'] if wait else []))

    def cli(self, *words):
        return self.runtime.cli(*words)

    def status(self):
        return self.cli('rollout', 'status', 'e', '-o', 'json').json()

    def wait_stage(self, stage):
        return wait_until(lambda: self.status().get('Stage') == stage and self.status(), what=lambda: f'{stage}: {self.status()}')

    def answers(self, requests=20):
        return [json.loads(self.runtime.invoke('e').body) for _ in range(requests)]

    def instances(self, state='Ready'):
        described = self.runtime.describe_resource('endpoint', 'e')
        return {one['Index']: one['Pid'] for one in described['Smhost']['Instances'] if one['State'] == state}

    def variant(self):
        return self.runtime.describe_resource('endpoint', 'e')['ProductionVariants'][0]

    def history(self):
        return self.cli('rollout', 'history', 'e', '-o', 'json').json()


@pytest.fixture
def served(runtime):
    """Answers 1, by c1."""
    runtime.up()
    served = Served(runtime)
    ran = served.apply({'reply': 1})
    assert ran.code == 0, ran
    return served


def error_of(ran):
    return ran.err.splitlines()[-1]


# --- what is seen


def test_a_canary_without_waits_goes_through_both_steps_and_all_answers_are_the_new_ones(served):
    ran = served.apply({'reply': 2}, canary(0))
    assert ran.code == 0, ran
    assert set(served.answers()) == {2}
    assert re.search(r'TrafficShifted +step 1 of 2: 50 %', ran.err), ran.err
    assert served.history()[-1]['Policy'] == 'CANARY'


def test_a_baking_canary_is_told_by_rollout_status_and_has_its_part_of_the_requests(served):
    assert served.apply({'reply': 2}, canary(2), wait=False).code == 0
    status = served.wait_stage('Baking')
    assert status['EndpointStatus'] == 'Updating' and status['EndpointConfigName'] == 'c1'
    deployment = status['Deployment']
    assert (deployment['Step'], deployment['Steps'], deployment['TrafficPercent']) == (1, 2, 50)
    answers = served.answers()
    assert abs(answers.count(2) - 10) <= 1, answers
    line = served.cli('rollout', 'status', 'e').out
    assert re.fullmatch(r'endpoint e: Updating, step 1 of 2, 50 % of requests go to c2, baking until \d\d:\d\d:\d\d \(CANARY\)\n', line)
    page = served.cli('describe', 'endpoint', 'e').out
    assert 'Deployment:' in page and re.search(r'AllTraffic +c2 +1/1 +0.5 +Baking', page), page
    ran = served.cli('rollout', 'status', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert re.fullmatch(r'endpoint e: InService( \(\w+\))?, all requests go to c2\n', ran.out)  # blue may still drain
    assert 'step 2 of 2, 100 % of requests go to c2' in ran.err
    assert set(served.answers()) == {2}


def test_a_rollout_that_fails_ends_status_with_5_and_the_reason(served):
    assert served.apply({'fail_load': 'no such operator'}, wait=False).code == 0
    ran = served.cli('rollout', 'status', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 5, ran
    assert 'no such operator' in error_of(ran)
    assert set(served.answers(3)) == {1}
    assert 'no such operator' in served.cli('rollout', 'history', 'e').out


# --- the ways back


def test_an_abort_while_baking_returns_all_requests_to_the_fleet_before_and_says_so(served):
    assert served.apply({'reply': 2}, canary(600), wait=False).code == 0
    served.wait_stage('Baking')
    before = served.runtime.processes('instance')
    ran = served.cli('rollout', 'abort', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert set(served.answers()) == {1}
    status = served.status()
    assert status['EndpointStatus'] == 'InService' and status['EndpointConfigName'] == 'c1'
    assert 'aborted' in status['FailureReason']
    assert served.history()[-1]['Outcome'] == 'RolledBack'
    assert before[0].alive()  # blue was never replaced
    again = served.cli('rollout', 'abort', 'e')
    assert again.code == 1 and 'no deployment is in progress' in error_of(again)


def test_an_aborted_rolling_update_gives_its_instances_back_batch_by_batch(served):
    assert served.cli('scale', 'e', '--count', '2', '--wait', '--timeout', '20s').code == 0
    rolling = {'MaximumBatchSize': {'Type': 'INSTANCE_COUNT', 'Value': 1}, 'WaitIntervalInSeconds': 600}
    assert served.apply({'reply': 2}, rolling=rolling, count=2, wait=False).code == 0
    deployment = served.wait_stage('Baking')['Deployment']
    assert (deployment['Policy'], deployment['Step'], deployment['Steps']) == ('ROLLING', 1, 2)
    assert set(served.answers()) == {1, 2}
    ran = served.cli('rollout', 'abort', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert set(served.answers()) == {1}
    assert sorted(served.instances()) == [0, 1]
    assert served.status()['FailureReason'] == 'The deployment was aborted.'


def test_undo_applies_the_documents_before_and_their_model_answers(served):
    assert served.apply({'reply': 2}, canary(0)).code == 0
    ran = served.cli('rollout', 'undo', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert 'endpoint e changed' in ran.out
    assert set(served.answers(5)) == {1}
    endpoint = served.history()[-1]['Documents'][-1]['Properties']
    assert endpoint['EndpointConfigName'] == 'c1'
    assert endpoint['DeploymentConfig']['BlueGreenUpdatePolicy']['TrafficRoutingConfiguration']['Type'] == 'CANARY'
    assert served.cli('rollout', 'undo', 'e', '--wait', '--timeout', '20s').code == 0
    assert set(served.answers(5)) == {2}
    assert served.cli('rollout', 'undo', 'e', '--to-revision', '1', '--wait', '--timeout', '20s').code == 0
    assert set(served.answers(5)) == {1}
    assert [one['Outcome'] for one in served.history()] == ['Succeeded'] * 5


def snapshots(runtime):
    return {name for name in os.listdir(runtime.home + '/artifacts') if name.startswith('sha256-')}


def test_undo_brings_the_very_model_back_though_its_file_holds_another_now(served):
    runtime = served.runtime
    (first,) = snapshots(runtime)
    assert served.apply({'reply': 2}).code == 0
    runtime.make_artifact({'reply': 3}, name='model-1.tar.gz')
    wait_until(lambda: len(served.instances()) == 1)
    ran = served.cli('rollout', 'undo', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert set(served.answers(5)) == {1}
    assert served.history()[-1]['ModelDigests'] == {'c1': first.replace('sha256-', 'sha256:')}
    # Without an undo the documents mean what is there.
    assert served.cli('rollout', 'undo', 'e', '--wait', '--timeout', '20s').code == 0
    assert runtime.apply(runtime.write_documents('again', served.history()[0]['Documents']), '--wait', '--timeout', '20s').code == 0
    assert set(served.answers(5)) == {3}


def test_undo_to_a_model_that_is_nowhere_any_more_says_so_and_what_serves_goes_on(served):
    runtime = served.runtime
    artifact = os.path.join(runtime.folder, 'model-1.tar.gz')
    shutil.copyfile(artifact, artifact + '.kept')
    assert served.apply({'reply': 2}).code == 0 and served.apply({'reply': 3}).code == 0
    runtime.make_artifact({'reply': 4}, name='model-1.tar.gz')
    wait_until(lambda: len(snapshots(runtime)) == 2)
    ran = served.cli('rollout', 'undo', 'e', '--to-revision', '1', '--wait', '--timeout', '20s')
    assert ran.code == 5, ran
    assert 'the artifact was changed since' in served.status()['FailureReason']
    assert set(served.answers(5)) == {3}
    # The file as it was is taken, though the snapshot is gone.
    os.replace(artifact + '.kept', artifact)
    ran = served.cli('rollout', 'undo', 'e', '--to-revision', '1', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert set(served.answers(5)) == {1}


def test_undo_while_a_deployment_runs_goes_back_to_what_serves(served):
    assert served.apply({'reply': 2}, canary(600), wait=False).code == 0
    served.wait_stage('Baking')
    ran = served.cli('rollout', 'undo', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert set(served.answers()) == {1}
    assert 'FailureReason' not in served.status()
    assert served.history()[-1]['Outcome'] == 'Abandoned'


def test_undo_after_a_failed_update_makes_the_documents_those_of_what_serves(served):
    assert served.apply({'fail_load': 'broken'}).code == 5
    ran = served.cli('rollout', 'undo', 'e', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert 'FailureReason' not in served.status()
    assert set(served.answers(3)) == {1}
    nothing = served.cli('rollout', 'undo', 'e')
    assert nothing.code == 1 and 'nothing to go back to' in error_of(nothing)


def test_undo_tells_of_other_endpoints_that_use_what_it_changed(served):
    runtime = served.runtime
    runtime.apply_endpoint('m', runtime.make_artifact({'reply': 3}))
    documents = [{'Type': 'AWS::SageMaker::Endpoint', 'Properties': {'EndpointName': 'other', 'EndpointConfigName': 'm'}}]
    assert runtime.apply(runtime.write_documents('other', documents), '--wait').code == 0
    runtime.apply_endpoint('m', runtime.make_artifact({'reply': 4}))
    ran = served.cli('rollout', 'undo', 'm', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert 'are updated too: other' in ran.err


def test_the_history_is_a_table_with_each_outcome(served):
    assert served.apply({'fail_load': 'broken'}, canary(0)).code == 5
    lines = served.cli('rollout', 'history', 'e').out.splitlines()
    assert lines[0].split() == ['REVISION', 'CONFIG', 'POLICY', 'OUTCOME', 'STARTED', 'REASON']
    assert re.match(r'1 +c1 +ALL_AT_ONCE +Succeeded +\d+s ago +-$', lines[1])
    assert re.match(r'2 +c2 +CANARY +Failed +\d+s ago +.*broken', lines[2])
    assert served.cli('rollout', 'history', 'e', '-o', 'name').out.split() == ['1', '2']


# --- sizes


def test_scaling_up_and_down_keeps_the_first_instance_and_makes_no_new_fleet(served):
    first = served.instances()
    assert served.cli('scale', 'e', '--count', '3', '--wait', '--timeout', '20s').code == 0
    three = served.instances()
    assert sorted(three) == [0, 1, 2] and three[0] == first[0]
    assert served.variant()['DesiredInstanceCount'] == 3
    assert served.cli('scale', 'e', '--variant', 'AllTraffic', '--count', '1', '--weight', '0.5', '--wait', '--timeout', '20s').code == 0
    wait_until(lambda: len(served.runtime.processes('instance')) == 1, what=served.runtime.describe)
    assert served.instances() == first
    assert (served.variant()['DesiredWeight'], served.variant()['DesiredInstanceCount']) == (0.5, 1)
    assert len(served.history()) == 1


def test_applying_the_same_documents_keeps_the_scale_and_another_configuration_ends_it(served):
    assert served.cli('scale', 'e', '--count', '2', '--wait', '--timeout', '20s').code == 0
    ran = served.runtime.apply(os.path.join(served.runtime.folder, 'c1.json'), '--wait')
    assert ran.code == 0 and 'endpoint e unchanged' in ran.out
    assert served.variant()['DesiredInstanceCount'] == 2
    assert served.apply({'reply': 2}).code == 0
    assert served.variant()['DesiredInstanceCount'] == 1


def test_an_update_that_retains_variant_properties_keeps_the_scale(served):
    assert served.cli('scale', 'e', '--count', '2', '--weight', '3', '--wait', '--timeout', '20s').code == 0
    retain = {'RetainAllVariantProperties': True, 'ExcludeRetainedVariantProperties': [{'VariantPropertyType': 'DesiredWeight'}]}
    ran = served.apply({'reply': 2}, extra=retain)
    assert ran.code == 0, ran
    assert 'has no effect' not in ran.err
    variant = served.variant()
    assert (variant['DesiredInstanceCount'], variant['DesiredWeight']) == (2, 1)
    assert set(served.answers(4)) == {2}


def test_a_scale_that_cannot_be_had_goes_back_and_says_why(served):
    first = served.instances()
    # Nothing is left to make another instance of.
    shutil.rmtree(os.path.join(served.runtime.home, 'artifacts'))
    served.runtime.kill('template')
    ran = served.cli('scale', 'e', '--count', '2', '--wait', '--timeout', '20s')
    assert ran.code == 5, ran
    assert 'did not pass' in error_of(ran) or 'is gone' in error_of(ran), ran
    assert served.instances() == first
    assert served.variant()['DesiredInstanceCount'] == 1
    assert set(served.answers(3)) == {1}
    # What was asked for is still known, and can be asked for otherwise.
    ran = served.cli('scale', 'e', '--count', '1', '--wait', '--timeout', '20s')
    assert ran.code == 0, ran
    assert 'FailureReason' not in served.status()


def test_the_last_instance_of_an_endpoint_stays(served):
    ran = served.cli('scale', 'e', '--count', '0')
    assert ran.code == 4 and 'every request would fail' in error_of(ran)


def test_refusals_have_their_words_and_exit_codes(served):
    for words, code, said in [
        (['scale', 'e'], 2, '--count N, --weight W, or both'),
        (['scale', 'e', '--weight', 'x'], 2, 'a number of 0 or more'),
        (['scale', 'e', '--variant', 'x', '--count', '2'], 4,
         'The variant name(s) "x" is/are not present within endpoint configuration "c1".'),
        (['scale', 'e', '--count', '257'], 4, 'less than or equal to 256'),
        (['scale', 'x', '--count', '2'], 3, 'Could not find endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/x".'),
        (['rollout', 'stats', 'e'], 2, 'did you mean status?'),
        (['rollout', 'status', 'x'], 3, 'Could not find endpoint'),
        (['rollout', 'status'], 2, 'ENDPOINT is missing'),
        (['rollout', 'history', 'x'], 3, 'Could not find endpoint'),
        (['rollout', 'abort', 'e', '--to-revision', '1'], 2, '--to-revision goes with undo alone'),
        (['rollout', 'abort', 'e'], 1, 'no deployment is in progress'),
        (['rollout', 'undo', 'e'], 1, 'nothing to go back to'),
        (['rollout', 'undo', 'e', '--to-revision', '9'], 3, 'has no revision 9; there are 1'),
    ]:
        ran = served.cli(*words)
        assert ran.code == code, (words, ran)
        assert said in error_of(ran), (words, ran)
    assert served.apply({'reply': 2}, canary(600), wait=False).code == 0
    served.wait_stage('Baking')
    ran = served.cli('scale', 'e', '--count', '2')
    assert ran.code == 1
    assert 'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/e".' in error_of(ran)


def test_without_a_runtime_nothing_is_waited_for(served):
    served.runtime.down()
    for words in (['rollout', 'undo', 'e', '--wait'], ['scale', 'e', '--count', '2', '--wait']):
        assert served.cli(*words).code == 7, words
    assert served.cli('rollout', 'status', 'e').out.startswith('endpoint e: OutOfService')
    assert served.cli('scale', 'e', '--count', '2').code == 0
    served.runtime.up()
    wait_until(lambda: len(served.instances()) == 2, what=served.runtime.describe)


def test_describe_shows_how_a_shadow_variant_compares(served):
    runtime = served.runtime
    documents = runtime.documents('s', runtime.make_artifact({'reply': 5}))
    shadow_model = runtime.documents('s2', runtime.make_artifact({'reply': 7}))[0]
    variant = documents[1]['Properties']['ProductionVariants'][0]
    documents[1]['Properties']['ShadowProductionVariants'] = [{**variant, 'VariantName': 'Shadow', 'ModelName': 's2'}]
    ran = runtime.apply(runtime.write_documents('s', [shadow_model, *documents]), '--wait', '--timeout', '20s')
    assert ran.code == 0 and 'has no effect' not in ran.err, ran
    assert {json.loads(runtime.invoke('s').body) for _ in range(4)} == {5}
    page = wait_until(lambda: (text := runtime.cli('describe', 'endpoint', 's').out) and 'Compared' in text and text,
                      what=lambda: runtime.cli('describe', 'endpoint', 's').out)
    assert re.search(r'Shadow \(shadow\) +s +1/1', page), page
    assert re.search(r'^Shadow Shadow of s:$', page, re.M) and re.search(r'LargestDifference +2$', page, re.M), page
