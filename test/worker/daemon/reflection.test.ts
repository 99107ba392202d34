import { createRequire } from 'node:module'
import path from 'node:path'
import { credentials, type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { expect, test } from 'vitest'
import { openServer } from '#worker/daemon/server.ts'

const entry = createRequire(import.meta.url).resolve('@grpc/reflection')
const directory = path.join(path.dirname(entry), '../proto')

test('a client that has no proto file learns of the service and its messages', async ({ onTestFinished }) => {
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(100))
  const { grpc } = loadPackageDefinition(loadSync('grpc/reflection/v1/reflection.proto', { includeDirs: [directory] }))
  const { v1 } = (grpc as GrpcObject).reflection as GrpcObject
  const Client = (v1 as GrpcObject).ServerReflection as ServiceClientConstructor
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure())
  onTestFinished(() => client.close())

  const ask = (request: object) =>
    new Promise<never>((resolve, reject) => {
      const stream = client.ServerReflectionInfo?.().on('data', resolve).on('error', reject)
      stream.write(request)
      stream.end()
    })
  const { listServicesResponse } = await ask({ listServices: '' })
  expect(listServicesResponse).toMatchObject({ service: [{ name: 'limiquantix.node.v1.NodeDaemonService' }] })
  const { fileDescriptorResponse } = await ask({ fileContainingSymbol: 'limiquantix.node.v1.VMSpec' })
  const [file] = (fileDescriptorResponse as { fileDescriptorProto: Buffer[] }).fileDescriptorProto
  expect(file?.toString('latin1')).toContain('cpu_mode')
})
