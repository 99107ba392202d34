import { expect, test } from 'vitest'
import { readListenAddress, requireLoopback } from '#worker/daemon/listen-address.ts'

test.each(['127.0.0.1:9090', '127.0.0.2:9090', '[::1]:9090', 'localhost:9090'])(
  'without TLS a worker listens on %s, which this machine alone reaches',
  (text) => expect(() => requireLoopback(readListenAddress(text))).not.toThrow(),
)

test.each(['0.0.0.0:9090', '10.0.0.5:9090', '[::]:9090', 'node-1.example:9090', '127.evil.example:9090'])(
  'without TLS a worker does not listen on %s, which others may reach',
  (text) =>
    expect(() => requireLoopback(readListenAddress(text))).toThrow(
      expect.objectContaining({ code: 'failed_precondition', reason: 'INSECURE_LISTEN_ADDRESS' }),
    ),
)
