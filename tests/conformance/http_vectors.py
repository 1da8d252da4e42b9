"""Requests of our own, in the manner of llhttp's vectors: each is sent with a whole, valid request behind it.

refused: name → bytes; the answer is one refusal, and the request behind is never read.
accepted: name → (bytes, number of answers that the bytes make by themselves).
"""

POST = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\n'
GET = b'GET /ping HTTP/1.1\r\nHost: x\r\n'
CHUNKED = POST + b'Transfer-Encoding: chunked\r\n\r\n'
HIDDEN = b'POST /endpoints/e/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhidden'

refused = {
    # Two readings of where the body ends.
    'te xchunked': POST + b'Transfer-Encoding: xchunked\r\n\r\n' + HIDDEN,
    'te chunked, identity': POST + b'Transfer-Encoding: chunked, identity\r\n\r\n' + HIDDEN,
    'te identity with length': POST + b'Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc',
    'te identity, then chunked in a second line': POST + b'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'te gzip, chunked': POST + b'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'te with a vertical tab': POST + b'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n',
    'te with a blank before the colon': POST + b'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
    'te folded': POST + b'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
    'te in quotes': POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    'te in HTTP/1.0': b'POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'te and length': POST + b'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n' + HIDDEN,
    'length and te': POST + b'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
    'length twice, the same': POST + b'Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    'length twice, different': POST + b'Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc',
    'length as a list': POST + b'Content-Length: 5, 5\r\n\r\nhello',
    'length with a sign': POST + b'Content-Length: +5\r\n\r\nhello',
    'length below zero': POST + b'Content-Length: -1\r\n\r\n',
    'length in hexadecimal': POST + b'Content-Length: 0x5\r\n\r\nhello',
    'length with a blank inside': POST + b'Content-Length: 4 2\r\n\r\nhello',
    'length of nothing': POST + b'Content-Length:\r\n\r\n',
    'length past 64 bits': POST + b'Content-Length: 18446744073709551621\r\n\r\nhello',
    'length with a blank before the colon': POST + b'Content-Length : 5\r\n\r\nhello',
    # Lines.
    'bare line feeds': b'GET /ping HTTP/1.1\nHost: x\n\n',
    'bare line feed in a header': GET + b'X: a\nY: b\r\n\r\n',
    'bare carriage return in a header': GET + b'X: a\rContent-Length: 5\r\n\r\n',
    'NUL in a header': GET + b'X: a\x00b\r\n\r\n',
    'NUL in the target': b'GET /pi\x00ng HTTP/1.1\r\nHost: x\r\n\r\n',
    'delete in a header': GET + b'X: a\x7f\r\n\r\n',
    'a folded header': GET + b'X: a\r\n b\r\n\r\n',
    'a folded first header': b'GET /ping HTTP/1.1\r\n Host: x\r\n\r\n',
    'a header without a colon': GET + b'X\r\n\r\n',
    'a header without a name': GET + b': x\r\n\r\n',
    'a blank inside a name': GET + b'X Y: z\r\n\r\n',
    'two empty lines before the request': b'\r\n\r\n' + GET + b'\r\n',
    # Host.
    'no host': b'GET /ping HTTP/1.1\r\n\r\n',
    'two hosts': GET + b'Host: y\r\n\r\n',
    'an empty host': b'GET /ping HTTP/1.1\r\nHost:\r\n\r\n',
    'a host with a path': b'GET /ping HTTP/1.1\r\nHost: x/y\r\n\r\n',
    'a host with a user': b'GET /ping HTTP/1.1\r\nHost: u@x\r\n\r\n',
    # The request line.
    'an asterisk': b'GET * HTTP/1.1\r\nHost: x\r\n\r\n',
    'a target without a slash': b'GET ping HTTP/1.1\r\nHost: x\r\n\r\n',
    'a fragment': b'GET /ping#x HTTP/1.1\r\nHost: x\r\n\r\n',
    'two blanks': b'GET  /ping HTTP/1.1\r\nHost: x\r\n\r\n',
    'a blank at the end': b'GET /ping HTTP/1.1 \r\nHost: x\r\n\r\n',
    'no version': b'GET /ping\r\nHost: x\r\n\r\n',
    'a version of two digits': b'GET /ping HTTP/1.10\r\nHost: x\r\n\r\n',
    'another protocol': b'GET /ping ICE/1.0\r\nHost: x\r\n\r\n',
    'HTTP/0.9': b'GET /ping HTTP/0.9\r\nHost: x\r\n\r\n',
    'HTTP/2': b'GET /ping HTTP/2.0\r\nHost: x\r\n\r\n',
    'the preface of HTTP/2': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00',
    'a method nobody knows': b'MKCALENDAR /ping HTTP/1.1\r\nHost: x\r\n\r\n',
    'a method in small letters': b'get /ping HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT': b'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
    'TRACE': b'TRACE /ping HTTP/1.1\r\nHost: x\r\n\r\n',
    'the hello of TLS': bytes.fromhex('16030100f8010000f40303') + b'\x5a' * 200,
    'an answer instead of a request': b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'bytes': bytes(range(128, 256)) * 4,
    # Chunks.
    'a chunk size with a sign': CHUNKED + b'+5\r\nhello\r\n0\r\n\r\n',
    'a chunk size below zero': CHUNKED + b'-5\r\nhello\r\n0\r\n\r\n',
    'a chunk size with a prefix': CHUNKED + b'0x5\r\nhello\r\n0\r\n\r\n',
    'a chunk size with an underscore': CHUNKED + b'0_5\r\nhello\r\n0\r\n\r\n',
    'a chunk size with a blank before': CHUNKED + b' 5\r\nhello\r\n0\r\n\r\n',
    'a chunk size with a blank behind': CHUNKED + b'5 \r\nhello\r\n0\r\n\r\n',
    'a chunk size past 64 bits': CHUNKED + b'10000000000000005\r\nhello\r\n0\r\n\r\n',
    'no chunk size': CHUNKED + b'\r\nhello\r\n0\r\n\r\n',
    'a chunk that is longer than it says': CHUNKED + b'3\r\nhello\r\n0\r\n\r\n',
    'a chunk line that ends in a line feed': CHUNKED + b'5\nhello\r\n0\r\n\r\n',
    'a chunk extension with a bare carriage return': CHUNKED + b'5;a\rb\r\nhello\r\n0\r\n\r\n',
    'a trailer that names the account': CHUNKED + b'0\r\nX-Smhost-Account: 111111111111\r\n\r\n',
    'a trailer with a length': CHUNKED + b'0\r\nContent-Length: 3\r\n\r\n',
    'a trailer that has no name': CHUNKED + b'0\r\n: x\r\n\r\n',
    'an expectation nobody knows': POST + b'Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n[]',
}

accepted = {
    'a length of zero': (POST + b'Content-Length: 0\r\n\r\n', 1),
    'a length with blanks around': (POST + b'Content-Length: \t 2 \r\n\r\n[]', 1),
    'leading zeros in a length': (POST + b'Content-Length: 0002\r\n\r\n[]', 1),
    'chunks with extensions and a trailer': (CHUNKED + b'1;a=b;c="d"\r\n[\r\n1\r\n]\r\n000;x\r\nX-Sum: 1\r\n\r\n', 1),
    'chunk sizes in both cases': (CHUNKED + b'a\r\n[123456789\r\nA\r\n,12345678]\r\n0\r\n\r\n', 1),
    'te in capitals': (POST + b'TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n', 1),
    'one empty line before the request': (b'\r\n' + GET + b'\r\n', 1),
    'an absolute target': (b'GET http://x/ping HTTP/1.1\r\nHost: x\r\n\r\n', 1),
    'a query': (b'GET /ping?a=b&c HTTP/1.1\r\nHost: x\r\n\r\n', 1),
    'headers without blanks': (b'GET /ping HTTP/1.1\r\nHost:x\r\nX:y\r\nEmpty:\r\n\r\n', 1),
    'Latin letters in a value': (GET + b'X: caf\xe9\r\n\r\n', 1),
    'an IPv6 host': (b'GET /ping HTTP/1.1\r\nHost: [::1]:8790\r\n\r\n', 1),
    'HTTP/1.0 that stays': (b'GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 1),
    'three in a row': ((GET + b'\r\n') * 3, 3),
}
