package main

import "github.com/aws/aws-sdk-go-v2/service/sagemakerruntime/types"

// The bytes that one event of a streamed answer carries.
func partOf(event types.ResponseStream) []byte {
	if part, ok := event.(*types.ResponseStreamMemberPayloadPart); ok {
		return part.Value.Bytes
	}
	return nil
}
