import { Client, credentials } from '@grpc/grpc-js'

/** Whether a server on the port of this machine answers the call. */
export const answersTo =
  (call: (client: Client) => Promise<unknown>) =>
  async (port: number): Promise<boolean> => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
    const answered = await call(client).then(
      () => true,
      () => false,
    )
    client.close()
    return answered
  }

/** Calls a method of any service. */
export const unary = <Request, Response>(
  client: Client,
  route: string,
  serialize: (request: Request) => Buffer,
  deserialize: (bytes: Buffer) => Response,
  request: Request,
) =>
  new Promise<unknown>((resolve, reject) => {
    client.makeUnaryRequest(route, serialize, deserialize, request, (error, answer) =>
      error ? reject(error) : resolve(answer),
    )
  })
