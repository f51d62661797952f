/**
 * Reads the bodies of requests: no more of one than may be used, and JSON in which nothing is said twice.
 */

import { concat } from 'uint8arrays/concat'
import { toString } from 'uint8arrays/to-string'
import { parseJson } from '../../consensus/json.ts'
import { ApiError } from './problems.ts'
import type { Context, MiddlewareHandler } from 'hono'

/** A policy with 10,000 voters is under half of this */
export const MAX_BODY_LENGTH = 1024 * 1024

const WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS']

/** Has the body ready for those who check and use it */
export function readBody (): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context

    if (!WITHOUT_BODY.includes(req.method)) {
      const text = await readText(context)
      const type = req.header('content-type')

      // there are operations that need no body
      if (text !== '' || type != null) {
        checkType(type)
        checkJson(text)
      }

      // where hono keeps what it has read, as a promise
      Object.assign(req.bodyCache, { text: Promise.resolve(text) })
    }

    await next()
  }
}

async function readText ({ req }: Context): Promise<string> {
  const tooLarge = new ApiError('BodyTooLargeError', `The body must be at most ${MAX_BODY_LENGTH} bytes`)
  const chunks: Uint8Array[] = []
  let length = 0

  if (Number(req.header('content-length') ?? 0) > MAX_BODY_LENGTH) {
    throw tooLarge
  }

  for await (const chunk of req.raw.body ?? []) {
    length += chunk.byteLength

    if (length > MAX_BODY_LENGTH) {
      throw tooLarge
    }

    chunks.push(chunk)
  }

  return toString(concat(chunks))
}

/** No form of another site's page can have this type, whatever it says */
function checkType (type: string = ''): void {
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new ApiError('UnsupportedMediaTypeError', `The Content-Type must be application/json, got ${JSON.stringify(type)}`)
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
