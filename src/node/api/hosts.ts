/**
 * By which names the control API may be called: a browser that was led here under another name (DNS rebinding), or that runs
 * another site's page, is turned away.
 */

import { isLoopback, literal } from './addresses.ts'
import { ApiError } from './problems.ts'
import type { MiddlewareHandler } from 'hono'

export class Hosts {
  private readonly host: string
  private readonly extra: string[]
  private readonly port: () => number

  /**
   * @param host - the IP address that is listened on
   * @param extra - other names, with a port or for any
   * @param port - the port that is listened on, once it is
   */
  constructor (host: string, extra: string[], port: () => number) {
    this.host = host
    this.extra = extra
    this.port = port
  }

  /** What `Host` may be: names without a port are for any */
  get accepted (): string[] {
    const port = this.port()
    const wildcard = this.host === '0.0.0.0' || this.host === '::'
    const own = wildcard ? ['127.0.0.1', '[::1]', 'localhost'] : [literal(this.host), ...isLoopback(this.host) ? ['localhost'] : []]

    return [...own.map(name => `${name}:${port}`), ...this.extra]
  }

  accepts (host: string): boolean {
    const lowerCase = host.toLowerCase()
    const withoutPort = lowerCase.replace(/:\d+$/, '')

    return this.accepted.some(accepted => accepted === lowerCase || accepted === withoutPort)
  }
}

/** `Host` must be one of ours, and `Origin`, which browsers add, the same */
export function checkHost (hosts: Hosts): MiddlewareHandler {
  return async ({ req }, next) => {
    const host = req.header('host') ?? ''

    if (!hosts.accepts(host)) {
      throw new ApiError('ForbiddenHostError', `The Host must be ${hosts.accepted.join(' or ')}, got ${JSON.stringify(host)}`)
    }

    const origin = req.header('origin')

    // a proxy may speak TLS in our place
    if (origin != null && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new ApiError('ForbiddenOriginError', `The Origin must be http://${host}, got ${JSON.stringify(origin)}: pages of other sites may not use the API`)
    }

    await next()
  }
}
