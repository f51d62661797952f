/**
 * Who may use the control API: the bearer of the token, on this machine, not by way of a browser that was led here under
 * another name (DNS rebinding).
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import { ApiError } from './problems.ts'
import type { MiddlewareHandler } from 'hono'

/**
 * @param port - the port the API listens on, once it does
 */
export function checkHost (port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host')

    if (host !== `127.0.0.1:${port()}` && host !== `localhost:${port()}`) {
      throw new ApiError('ForbiddenHostError', `The Host must be 127.0.0.1:${port()} or localhost:${port()}, got ${JSON.stringify(host ?? '')}`)
    }

    await next()
  }
}

export function checkToken (token: string): MiddlewareHandler {
  const expected = digest(token)

  return async (context, next) => {
    const [, given] = /^Bearer ([!-~]+)$/i.exec(context.req.header('authorization') ?? '') ?? []

    if (given == null) {
      throw new ApiError('UnauthorizedError', 'The request has no bearer token. It is in the file api.token of the data directory')
    }

    // digests have one length, so that comparing takes the same time for every wrong token
    if (!timingSafeEqual(digest(given), expected)) {
      throw new ApiError('UnauthorizedError', 'The token is not the one of this node. It changes at each start; read the file api.token of the data directory again')
    }

    await next()
  }
}

function digest (token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
