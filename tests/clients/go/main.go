// Deploys, calls, updates and deletes an endpoint with the AWS SDK for Go, as its users do. Arguments: model archive, a second
// one, bucket, role, image. Prints what came back, as one line of JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemakerruntime"
	"github.com/aws/smithy-go"
)

const (
	name    = "from-go"
	longest = 2 * time.Minute
)

type client struct {
	ctx                 context.Context
	s3                  *s3.Client
	sagemaker           *sagemaker.Client
	runtime             *sagemakerruntime.Client
	bucket, role, image string
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (c *client) model(archive string, version int) string {
	file, err := os.Open(archive)
	must(err)
	defer file.Close()
	key, called := fmt.Sprintf("go/%d/model.tar.gz", version), fmt.Sprintf("%s-%d", name, version)
	_, err = c.s3.PutObject(c.ctx, &s3.PutObjectInput{Bucket: &c.bucket, Key: &key, Body: file})
	must(err)
	_, err = c.sagemaker.CreateModel(c.ctx, &sagemaker.CreateModelInput{
		ModelName: &called, ExecutionRoleArn: &c.role,
		PrimaryContainer: &types.ContainerDefinition{Image: &c.image, ModelDataUrl: aws.String("s3://" + c.bucket + "/" + key)},
	})
	must(err)
	_, err = c.sagemaker.CreateEndpointConfig(c.ctx, &sagemaker.CreateEndpointConfigInput{
		EndpointConfigName: &called,
		ProductionVariants: []types.ProductionVariant{{
			VariantName: aws.String("AllTraffic"), ModelName: &called,
			InstanceType: types.ProductionVariantInstanceTypeMlM5Large, InitialInstanceCount: aws.Int32(1),
		}},
	})
	must(err)
	return called
}

func (c *client) predict() (map[string]string, error) {
	answer, err := c.runtime.InvokeEndpoint(c.ctx, &sagemakerruntime.InvokeEndpointInput{
		EndpointName: aws.String(name), ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
		Body: []byte("[[1.5, 2]]"),
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"body": string(answer.Body), "type": *answer.ContentType, "variant": *answer.InvokedProductionVariant}, nil
}

func (c *client) inService() {
	waiter := sagemaker.NewEndpointInServiceWaiter(c.sagemaker, func(o *sagemaker.EndpointInServiceWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, time.Second
	})
	must(waiter.Wait(c.ctx, &sagemaker.DescribeEndpointInput{EndpointName: aws.String(name)}, longest))
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	must(err)
	c := &client{
		ctx: ctx, s3: s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = true }),
		sagemaker: sagemaker.NewFromConfig(settings), runtime: sagemakerruntime.NewFromConfig(settings),
		bucket: os.Args[3], role: os.Args[4], image: os.Args[5],
	}
	var owned *s3types.BucketAlreadyOwnedByYou
	if _, err = c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &c.bucket}); err != nil && !errors.As(err, &owned) {
		log.Fatal(err)
	}

	said := map[string]any{}
	_, err = c.sagemaker.CreateEndpoint(ctx, &sagemaker.CreateEndpointInput{
		EndpointName: aws.String(name), EndpointConfigName: aws.String(c.model(os.Args[1], 1)),
	})
	must(err)
	c.inService()
	said["first"], err = c.predict()
	must(err)

	stream, err := c.runtime.InvokeEndpointWithResponseStream(ctx, &sagemakerruntime.InvokeEndpointWithResponseStreamInput{
		EndpointName: aws.String(name), ContentType: aws.String("application/json"), Accept: aws.String("application/json"),
		Body: []byte("[[1.5, 2]]"),
	})
	must(err)
	var streamed bytes.Buffer
	for event := range stream.GetStream().Events() {
		streamed.Write(partOf(event))
	}
	must(stream.GetStream().Close())
	said["streamed"] = streamed.String()

	_, err = c.sagemaker.UpdateEndpoint(ctx, &sagemaker.UpdateEndpointInput{
		EndpointName: aws.String(name), EndpointConfigName: aws.String(c.model(os.Args[2], 2)),
	})
	must(err)
	c.inService()
	said["second"], err = c.predict()
	must(err)
	described, err := c.sagemaker.DescribeEndpoint(ctx, &sagemaker.DescribeEndpointInput{EndpointName: aws.String(name)})
	must(err)
	said["config"] = *described.EndpointConfigName

	_, err = c.sagemaker.DeleteEndpoint(ctx, &sagemaker.DeleteEndpointInput{EndpointName: aws.String(name)})
	must(err)
	gone := sagemaker.NewEndpointDeletedWaiter(c.sagemaker, func(o *sagemaker.EndpointDeletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Second, time.Second
	})
	must(gone.Wait(ctx, &sagemaker.DescribeEndpointInput{EndpointName: aws.String(name)}, longest))
	said["deleted"] = true
	var refused smithy.APIError
	if _, err = c.predict(); errors.As(err, &refused) {
		said["error"] = map[string]string{"name": refused.ErrorCode(), "message": refused.ErrorMessage()}
	}
	must(json.NewEncoder(os.Stdout).Encode(said))
}
