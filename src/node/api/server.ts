/**
 * The control API on 127.0.0.1, for programs of the same user on the same machine.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { ListenError } from '../errors.ts'
import { createApp } from './app.ts'
import { EventLog } from './event-log.ts'
import type { ApiNode } from './app.ts'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const HOST = '127.0.0.1'

const second = 1_000

/** Requests are small and local */
const REQUEST_TIMEOUT = 10 * second

/** A client that is told to reuse a connection for 5 seconds, and is busy, finds it closed if it is not kept for longer */
const KEEP_ALIVE_MARGIN = 30 * second

/** Answers that are under way when the node stops get so long to be read */
const CLOSE_TIMEOUT = second

export class ControlApi {
  /** Lets the bearer do everything the operator can. Made anew at each start, so one that leaked ends with the process. */
  readonly token = randomBytes(32).toString('hex')
  private readonly events: EventLog
  private readonly server: Server

  constructor (node: ApiNode) {
    this.events = new EventLog(node.voting)

    const app = createApp(node, this.events, this.token, () => this.port)

    this.server = createServer({ requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT, keepAliveTimeoutBuffer: KEEP_ALIVE_MARGIN }, getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  }

  get url (): string {
    return `http://${HOST}:${this.port}`
  }

  /**
   * @throws {ListenError} if the port is in use
   */
  async start (port: number): Promise<void> {
    this.server.listen(port, HOST)

    try {
      await once(this.server, 'listening')
    } catch (err: any) {
      throw new ListenError(err.code === 'EADDRINUSE'
        ? `Cannot listen on ${HOST}:${port} for the control API: the port is in use. Choose another with --api-port; 0 is any that is free`
        : `Cannot listen on ${HOST}:${port} for the control API: ${err.message}. Choose another port with --api-port`, { cause: err })
    }

    this.events.start()
  }

  async stop (): Promise<void> {
    this.events.stop()

    if (!this.server.listening) {
      return
    }

    const closed = once(this.server, 'close')
    const timer = setTimeout(() => { this.server.closeAllConnections() }, CLOSE_TIMEOUT)

    this.server.close()
    this.server.closeIdleConnections()
    await closed
    clearTimeout(timer)
  }

  private get port (): number {
    return (this.server.address() as AddressInfo).port
  }
}
