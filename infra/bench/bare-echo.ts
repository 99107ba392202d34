import { Server, ServerCredentials } from '@grpc/grpc-js'

/** The least that @grpc/grpc-js can do: a method that answers with the bytes that it got. */
const asIs = (bytes: Buffer): Buffer => bytes
const codec = { requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs }

const server = new Server()
server.addService(
  { Echo: { path: '/bench.Echo/Echo', requestStream: false, responseStream: false, ...codec } },
  {
    Echo: (call: { request: Buffer }, callback: (error: null, response: Buffer) => void) =>
      callback(null, call.request),
  },
)
server.bindAsync(`127.0.0.1:${process.env.QUANTIX_PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error
})
