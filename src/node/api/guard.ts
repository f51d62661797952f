/**
 * Who may use the control API: the bearer of the token, or a browser that was let in by a link and runs our own page.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import { getCookie } from 'hono/cookie'
import { ApiError } from './problems.ts'
import type { Sessions } from './sessions.ts'
import type { Context, MiddlewareHandler } from 'hono'

export interface Credentials {
  token: string
  sessions: Sessions
  /** Of the cookie. Cookies do not tell ports apart, and there may be several nodes on a machine. */
  cookieName (): string
}

/** Lets nobody by without the token or a session */
export function checkAccess (credentials: Credentials): MiddlewareHandler {
  const isToken = comparison(credentials.token)

  return async (context, next) => {
    const session = sessionOf(context, credentials)

    if (session != null) {
      checkSession(context, credentials.sessions, session)
    } else {
      checkToken(context.req.header('authorization') ?? '', isToken)
    }

    await next()
  }
}

/** The cookie that a request is let in by; undefined where that is the token */
export function sessionOf (context: Context, { cookieName }: Credentials): string | undefined {
  return context.req.header('authorization') == null ? getCookie(context, cookieName()) : undefined
}

/** Whether a request comes with a session that is good */
export function hasSession (context: Context, { sessions, cookieName }: Credentials): boolean {
  const session = getCookie(context, cookieName())

  return session != null && sessions.use(session)
}

function checkToken (authorization: string, isToken: (given: string) => boolean): void {
  const [, given] = /^Bearer ([!-~]+)$/i.exec(authorization) ?? []

  if (given == null) {
    throw new ApiError('UnauthorizedError', 'The request has no bearer token. It is in the file api.token of the data directory')
  }

  if (!isToken(given)) {
    throw new ApiError('UnauthorizedError', 'The token is not the one of this node. It changes at each start; read the file api.token of the data directory again')
  }
}

function checkSession ({ req }: Context, sessions: Sessions, session: string): void {
  requireSession(sessions, session)

  const site = req.header('sec-fetch-site')

  // a page on another port of this machine is another site's, but gets the cookie sent
  if (site != null && site !== 'same-origin' && site !== 'none') {
    throw new ApiError('ForbiddenOriginError', `The request must come from the node's own page, got Sec-Fetch-Site ${JSON.stringify(site)}`)
  }

  // that an Origin is ours has been checked
  if (req.method !== 'GET' && req.method !== 'HEAD' && site !== 'same-origin' && req.header('origin') == null) {
    throw new ApiError('ForbiddenOriginError', `With a cookie, ${req.method} needs the Origin or Sec-Fetch-Site of the node's own page, got neither. Use the bearer token instead`)
  }
}

/** Uses a session, and refuses one that has ended */
export function requireSession (sessions: Sessions, session: string): void {
  if (!sessions.use(session)) {
    throw new ApiError('UnauthorizedError', 'The session has ended: it does after 12 hours without use. Open the page anew with: libp2p-voting open')
  }
}

function comparison (token: string): (given: string) => boolean {
  const expected = digest(token)

  // digests have one length, so that comparing takes the same time for every wrong token
  return given => timingSafeEqual(digest(given), expected)
}

function digest (token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}
