"""The SageMaker Python SDK, and a notebook that uses it: no patch, no serializer of our own, only the environment of `smhost env`."""

import json
import os
import sys

from conftest import HERE


def test_the_sagemaker_sdk_deploys_predicts_updates_and_deletes(torch_aws):
    torch_aws.make_bucket()
    echo, _ = torch_aws.torch_model('noop')
    seven, _ = torch_aws.torch_model('constant', '7')
    ran = torch_aws.run(sys.executable, os.path.join(HERE, 'python', 'sdk_five_steps.py'), echo, seven, torch_aws.bucket,
                        torch_aws.role, torch_aws.image, timeout=400)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = json.loads(ran.stdout[ran.stdout.index('{'):])  # the SDK prints its progress before
    assert said['json'] == [[1.5, 2.0]]
    assert said['csv'] == [['1.5', '2.0'], ['3.0', '4.0']]
    assert said['numpy'] == [[[1.5, 2.0]], 'float64']
    assert said['updated'] == 7
    assert 'not found' in said['after']


def test_a_notebook_deploys_calls_and_plots(torch_aws):
    """schemas/examples/notebook.ipynb from start to end, in a kernel that knows no more than `smhost env` says."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(os.path.join(HERE, '..', '..', 'schemas', 'examples', 'notebook.ipynb'), as_version=4)
    _, archive = torch_aws.torch_model('mlp')
    environment = {**torch_aws.env, 'MODEL_ARCHIVE': archive, 'MPLBACKEND': 'module://matplotlib_inline.backend_inline'}
    client = NotebookClient(notebook, timeout=300, kernel_name='python3', resources={'metadata': {'path': torch_aws.runtime.folder}})
    client.execute(env=environment)
    kinds = [kind for cell in notebook.cells if cell.cell_type == 'code'
             for output in cell.outputs for kind in output.get('data', {})]
    assert 'image/png' in kinds
    text = ''.join(output.get('text', '') for cell in notebook.cells if cell.cell_type == 'code' for output in cell.outputs)
    assert 'InService' in text and 'deleted' in text
