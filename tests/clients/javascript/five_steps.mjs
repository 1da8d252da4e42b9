// Deploys, calls, updates and deletes an endpoint with the AWS SDK for JavaScript, as its users do. Arguments: model archive,
// a second one, bucket, role, image. Prints what came back, as one line of JSON.
import { readFileSync } from 'node:fs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand, CreateEndpointConfigCommand, CreateModelCommand, DeleteEndpointCommand, DescribeEndpointCommand,
  SageMakerClient, UpdateEndpointCommand, waitUntilEndpointDeleted, waitUntilEndpointInService,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, InvokeEndpointWithResponseStreamCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';

const [first, second, bucket, role, image] = process.argv.slice(2);
const s3 = new S3Client({}), sagemaker = new SageMakerClient({}), runtime = new SageMakerRuntimeClient({});
const name = 'from-javascript';
const wait = { client: sagemaker, maxWaitTime: 120, minDelay: 1, maxDelay: 1 };

async function model(archive, version) {
  const key = `javascript/${version}/model.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: readFileSync(archive) }));
  await sagemaker.send(new CreateModelCommand({
    ModelName: `${name}-${version}`, ExecutionRoleArn: role,
    PrimaryContainer: { Image: image, ModelDataUrl: `s3://${bucket}/${key}` },
  }));
  await sagemaker.send(new CreateEndpointConfigCommand({
    EndpointConfigName: `${name}-${version}`,
    ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: `${name}-${version}`, InstanceType: 'ml.m5.large', InitialInstanceCount: 1 }],
  }));
}

async function predict() {
  const answer = await runtime.send(new InvokeEndpointCommand({
    EndpointName: name, ContentType: 'application/json', Accept: 'application/json', Body: '[[1.5, 2]]',
  }));
  return { body: Buffer.from(answer.Body).toString(), type: answer.ContentType, variant: answer.InvokedProductionVariant };
}

const said = {};
await s3.send(new CreateBucketCommand({ Bucket: bucket })).catch((error) => {
  if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
});
await model(first, 1);
await sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: `${name}-1` }));
await waitUntilEndpointInService(wait, { EndpointName: name });
said.first = await predict();

const stream = await runtime.send(new InvokeEndpointWithResponseStreamCommand({
  EndpointName: name, ContentType: 'application/json', Accept: 'application/json', Body: '[[1.5, 2]]',
}));
said.streamed = '';
for await (const event of stream.Body) said.streamed += Buffer.from(event.PayloadPart.Bytes).toString();

await model(second, 2);
await sagemaker.send(new UpdateEndpointCommand({ EndpointName: name, EndpointConfigName: `${name}-2` }));
await waitUntilEndpointInService(wait, { EndpointName: name });
said.second = await predict();
said.config = (await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }))).EndpointConfigName;

await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
try {
  await waitUntilEndpointDeleted(wait, { EndpointName: name });
  said.deleted = true;
} catch (error) {
  said.deleted = String(error);
}
try {
  await predict();
} catch (error) {
  said.error = { name: error.name, status: error.$metadata.httpStatusCode, message: error.message };
}
console.log(JSON.stringify(said));
