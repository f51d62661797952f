/**
 * Reads the bodies of requests: no more of one than may be used, and JSON in which nothing is said twice.
 */

import { concat } from 'uint8arrays/concat'
import { toString } from 'uint8arrays/to-string'
import { parseJson } from '../../consensus/encoding/json.ts'
import { ApiError } from './problems.ts'
import type { Context, MiddlewareHandler } from 'hono'

/** A policy with 10,000 voters who have the longest names is shorter */
export const MAX_BODY_LENGTH = 4 * 1024 * 1024

const WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS']

/** Has the body ready for those who check and use it */
export function readBody (): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context

    if (!WITHOUT_BODY.includes(req.method)) {
      const text = toString(await readBytes(context, MAX_BODY_LENGTH))

      // there are operations that need no body
      if (text !== '' || req.header('content-type') != null) {
        checkType(context, 'application/json')
        checkJson(text)
      }

      // where hono keeps what it has read, as a promise
      Object.assign(req.bodyCache, { text: Promise.resolve(text) })
    }

    await next()
  }
}

/** The bytes of a body, at most `maxLength`. No more is read than may be used. */
export async function readBytes ({ req }: Context, maxLength: number): Promise<Uint8Array> {
  const tooLarge = new ApiError('BodyTooLargeError', `The body must be at most ${maxLength} bytes`)
  const chunks: Uint8Array[] = []
  let length = 0

  if (Number(req.header('content-length') ?? 0) > maxLength) {
    throw tooLarge
  }

  for await (const chunk of req.raw.body ?? []) {
    length += chunk.byteLength

    if (length > maxLength) {
      throw tooLarge
    }

    chunks.push(chunk)
  }

  return concat(chunks)
}

/** Only for types that no form of another site's page can have, whatever it says */
export function checkType ({ req }: Context, expected: 'application/json' | 'application/octet-stream'): void {
  const type = req.header('content-type') ?? ''

  if (type.split(';')[0].trim().toLowerCase() !== expected) {
    throw new ApiError('UnsupportedMediaTypeError', `The Content-Type must be ${expected}, got ${JSON.stringify(type)}`)
  }
}

function checkJson (text: string): void {
  try {
    parseJson(text)
  } catch (err) {
    const message = `must be JSON: ${(err as Error).message}`

    throw new ApiError('InvalidInputError', `The body ${message}`, { errors: [{ field: 'body', message }] })
  }
}
