"""Deploys a model from a local folder by the SageMaker SDK's own deploy(), predicts in three formats, updates, deletes. Arguments:
two folders with a model.pt, bucket, role, image. Prints what came back, as one line of JSON."""

import json
import os
import sys
import tarfile
import tempfile

import boto3
import numpy
import sagemaker
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer, NumpyDeserializer
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.s3 import S3Uploader
from sagemaker.serializers import CSVSerializer, JSONSerializer, NumpySerializer

first, second, bucket, role, image = sys.argv[1:]
name = 'from-python'
session = sagemaker.Session(boto_session=boto3.Session(), default_bucket=bucket)


def model(folder, version):
    with tempfile.TemporaryDirectory() as place:
        archive = os.path.join(place, 'model.tar.gz')
        with tarfile.open(archive, 'w:gz') as tar:
            tar.add(os.path.join(folder, 'model.pt'), 'model.pt')
        address = S3Uploader.upload(archive, f's3://{session.default_bucket()}/sdk/{version}', sagemaker_session=session)
    return Model(image_uri=image, model_data=address, role=role, name=f'{name}-{version}', predictor_cls=Predictor,
                 sagemaker_session=session)


said = {}
predictor = model(first, 1).deploy(initial_instance_count=1, instance_type='ml.m5.large', endpoint_name=name,
                                   serializer=JSONSerializer(), deserializer=JSONDeserializer())
said['json'] = predictor.predict([[1.5, 2]])
predictor.serializer, predictor.deserializer = CSVSerializer(), CSVDeserializer()
said['csv'] = predictor.predict([[1.5, 2], [3, 4]])
predictor.serializer, predictor.deserializer = NumpySerializer(dtype='float32'), NumpyDeserializer()
array = predictor.predict(numpy.array([[1.5, 2.0]]))
said['numpy'] = [array.tolist(), str(array.dtype)]

successor = model(second, 2)
successor.create(instance_type='ml.m5.large')
predictor.update_endpoint(model_name=successor.name, initial_instance_count=1, instance_type='ml.m5.large')
predictor.serializer, predictor.deserializer = JSONSerializer(), JSONDeserializer()
said['updated'] = predictor.predict([[1.5, 2]])

predictor.delete_endpoint(delete_endpoint_config=True)
session.sagemaker_client.get_waiter('endpoint_deleted').wait(EndpointName=name, WaiterConfig={'Delay': 1})
try:
    predictor.predict([[1]])
except Exception as error:  # what kind it is, is told
    said['after'] = str(error)
print(json.dumps(said))
