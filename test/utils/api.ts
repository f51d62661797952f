import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect } from 'aegir/chai'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'

export interface Answer {
  status: number
  type: string
  headers: IncomingHttpHeaders
  text: string
  /** Undefined for what is no JSON */
  body: any
}

export interface CallOptions {
  body?: string | Uint8Array
  headers?: Record<string, string>
}

/** Calls an API with headers that fetch does not let through; a body is JSON unless a header says otherwise */
export async function call (url: string, method: string, path: string, { body, headers = {} }: CallOptions = {}): Promise<Answer> {
  // no URL, which would take dots out of the path
  const { hostname, port } = new URL(url)
  const sent = request({ hostname, port, path, method, headers: { ...body == null ? {} : { 'content-type': 'application/json' }, ...headers } })

  sent.end(body)

  return answerOf(sent)
}

async function answerOf (sent: ClientRequest): Promise<Answer> {
  const [response] = await once(sent, 'response') as [IncomingMessage]
  const { statusCode = 0, headers } = response
  const type = headers['content-type'] ?? ''

  if (type === 'text/event-stream') {
    // it does not end by itself
    const content = sent.method === 'HEAD' ? '' : String(await response[Symbol.asyncIterator]().next().then(({ value }) => value))

    sent.destroy()

    return { status: statusCode, type, headers, text: content, body: undefined }
  }

  const content = await text(response)

  return { status: statusCode, type, headers, text: content, body: content !== '' && type.includes('json') ? JSON.parse(content) : undefined }
}

export function expectProblem ({ status, type, body }: Answer, expected: number, kind: string, detail: RegExp): void {
  expect(body).to.include({ status: expected, type: `urn:libp2p-voting:problem:${kind}` })
  expect(body.title).to.be.a('string')
  expect(body.detail).to.match(detail)
  expect(status).to.equal(expected)
  expect(type).to.equal('application/problem+json')
}
