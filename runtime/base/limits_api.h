// The bounds of limits.h that only the AWS APIs, their process and the way to it have.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace smhost::limits {

using namespace std::chrono_literals;

// --- between gateway and API process
inline constexpr std::size_t kApiHeadBytes = 256 * 1024;      // one head, as JSON
inline constexpr std::size_t kApiPieceBytes = 256 * 1024;     // one piece of a body, and a head
inline constexpr std::size_t kApiRequestsAtOnce = 64;         // in one API process; more wait, in the gateway, for kApiWait
inline constexpr auto kApiWait = 10s;                         // for the API process to take a request; 503 past it
inline constexpr auto kApiSilent = 120s;                      // no byte from the API process or the client for so long: the request ends
inline constexpr std::size_t kApiBufferedBytes = 1u << 20;    // of one request or answer on its way in the gateway; it reads no further

// --- bodies
inline constexpr std::size_t kApiBodyBytes = 4u << 20;        // of an operation that is no object; 413 past it

// --- accounts, keys and policies; one more is refused, and what there is stays
inline constexpr std::size_t kAccounts = 100;                 // of one runtime
inline constexpr std::size_t kUsersOfAccount = 100;
inline constexpr std::size_t kRolesOfAccount = 100;
inline constexpr std::size_t kPrincipalsOfRole = 20;          // that a role's trust names
inline constexpr std::size_t kPrincipalNameLength = 64;       // of accounts, users, roles and sessions, as IAM
inline constexpr std::size_t kPolicyBytes = 6144;             // without the blanks, as IAM
inline constexpr std::size_t kPolicyFileBytes = 64 * 1024;    // with them
inline constexpr std::size_t kSessionPolicyBytes = 2048;      // as STS
inline constexpr std::size_t kSessionTokenBytes = 8 * 1024;   // longer ones are none of ours
inline constexpr auto kShortestSession = 15min;
inline constexpr auto kLongestRoleSession = 12h;
inline constexpr auto kLongestChainedSession = 1h;            // of a role taken by the session of another role
inline constexpr auto kLongestUserSession = 36h;
inline constexpr auto kLongestRootSession = 1h;               // GetSessionToken by a root key

// --- signatures
inline constexpr std::size_t kAwsChunkHeadBytes = 1024;                // the line before a chunk of an aws-chunked body
inline constexpr std::size_t kAwsTrailerBytes = 8 * 1024;              // all trailers of one
inline constexpr std::size_t kAwsTrailers = 16;
inline constexpr std::uint64_t kAwsDecodedBytes = 5ull << 40;          // what one may hold: S3's largest object

// --- decoding of requests
inline constexpr std::size_t kApiValues = 500'000;            // values in one request; more: refused
inline constexpr std::size_t kApiQueryParameters = 100'000;   // in one form; more: refused
inline constexpr std::size_t kApiConstraintFaults = 50;       // told in one answer; more: not looked for
inline constexpr std::size_t kApiMessageValueBytes = 1024;    // of a value in a message; the rest is cut off
inline constexpr std::uint32_t kApiPatternSteps = 1'000'000;  // of one match of one text; more: it does not match
inline constexpr std::uint32_t kApiPatternKilobytes = 32768;  // of memory, likewise

// --- SageMaker
inline constexpr std::size_t kApiResourcesPerKind = 10'000;   // of one account, that Create makes; ResourceLimitExceeded past it
inline constexpr std::size_t kPageTokenBytes = 8192;          // AWS; longer: ValidationException

// --- templates in YAML
inline constexpr std::size_t kYamlNodes = 200'000;            // values of a document, those of aliases counted each time; more: refused

// --- stacks of CloudFormation
inline constexpr std::size_t kTemplateBodyBytes = 51'200;     // CloudFormation's; larger ones come by TemplateURL
inline constexpr std::size_t kTemplateUrlBytes = 1u << 20;    // CloudFormation's, of one that comes by TemplateURL
inline constexpr std::size_t kStacks = 500;                   // of an account; more: LimitExceededException
inline constexpr std::size_t kStackEvents = 500;              // of a stack; the oldest go
inline constexpr std::size_t kChangeSets = 50;                // of a stack; more: LimitExceededException
inline constexpr std::size_t kDeletedStacks = 100;            // remembered of an account; the oldest go

// --- metrics that clients put
inline constexpr std::size_t kMetricLogBytes = 4u << 20;      // of an account; then it becomes .1, the older .1 goes
inline constexpr std::size_t kMetricDataPerPut = 1000;        // CloudWatch's
inline constexpr std::size_t kMetricValuesPerDatum = 150;     // CloudWatch's
inline constexpr std::size_t kMetricDimensions = 30;          // CloudWatch's
inline constexpr std::size_t kMetricPoints = 1440;            // of one GetMetricStatistics, CloudWatch's; more: refused
inline constexpr std::size_t kMetricQueries = 500;            // of one GetMetricData, CloudWatch's
inline constexpr std::size_t kMetricDataPoints = 100'800;     // of one answer of GetMetricData, CloudWatch's

// --- S3: "Amazon S3 User Guide", "Uploading and copying objects using multipart upload", where nothing else is said
inline constexpr std::uint64_t kS3PutBytes = 5ull << 30;         // of one put or part
inline constexpr std::uint64_t kS3PartBytesMin = 5u << 20;       // of every part but the last
inline constexpr int kS3Parts = 10'000;                          // of an upload
inline constexpr std::size_t kS3PageEntries = 1000;              // of a listing
inline constexpr std::size_t kS3DeleteKeys = 1000;               // of one DeleteObjects
inline constexpr std::size_t kS3MetadataBytes = 2048;            // x-amz-meta-…, names and values
inline constexpr std::size_t kS3DocumentBytes = 2u << 20;        // an XML body: 10,000 parts with their checksums fit
inline constexpr std::size_t kS3Uploads = 1000;                  // unfinished at once; ours: each costs a folder
inline constexpr std::size_t kS3CopyBytes = 256 * 1024;          // read or written at once

// --- HTTPS
inline constexpr std::size_t kTlsFileBytes = 256 * 1024;      // of tls/; larger: damaged, set aside
inline constexpr auto kTlsLookEvery = 1h;                      // is the certificate to be renewed?
inline constexpr auto kTlsTryAgain = 60s;                     // where it could not be read or made
inline constexpr std::size_t kTlsNames = 64;                  // added to the certificate; more: refused
inline constexpr std::size_t kTlsUnsentBytes = 64 * 1024;     // of handshakes and alerts that a client does not take; the connection ends

// --- answers in parts (InvokeEndpointWithResponseStream)
inline constexpr auto kStreamTime = 8min;                     // AWS; from the request to the answer's last byte; a fault in the stream past it
inline constexpr std::size_t kStreamWindowBytes = 256 * 1024; // parts under way from an instance to one client; no further part is sent
inline constexpr std::size_t kStreamEventBytes = 1u << 20;    // payload of one event; a larger part goes in several

// --- headers of invocations
inline constexpr std::size_t kTargetModelBytes = 1024;        // AWS; 400 past it

// --- public routes
inline constexpr std::size_t kRefusedBodyBytes = 64 * 1024;   // of a refused request, that is taken so that the connection goes on; closed past it

// --- stateful sessions
inline constexpr auto kSessionTime = 20min;                   // from a session's first call; later ones are refused
inline constexpr std::size_t kSessionIdBytes = 256;           // AWS; 400 past it

}  // namespace smhost::limits
