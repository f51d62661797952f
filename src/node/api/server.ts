/**
 * The control API, for programs of the same user on the same machine unless its operator says otherwise.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { inTime } from '../../util/in-time.ts'
import { ListenError } from '../errors.ts'
import { literal, reachable } from './addresses.ts'
import { createApp } from './app.ts'
import { EventLog } from './event-log.ts'
import { Hosts } from './hosts.ts'
import { ApiError, PROBLEM_TYPE, toProblem } from './problems.ts'
import { RateLimit } from './rate.ts'
import { pageFolder } from './routes/page.ts'
import { Sessions } from './sessions.ts'
import type { NodeMetrics } from '../host/metrics.ts'
import type { ApiNode } from '../interface.ts'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

const second = 1_000

/** Requests are small and local */
const REQUEST_TIMEOUT = 10 * second

/** A client that is told to reuse a connection for 5 seconds, and is busy, finds it closed if it is not kept for longer */
const KEEP_ALIVE_MARGIN = 30 * second

/** Event streams and waits for decisions hold one each */
const MAX_CONNECTIONS = 1_000

/** Answers that are under way when the node stops get so long to be read */
const CLOSE_TIMEOUT = second

export interface ControlApiInit {
  node: ApiNode
  metrics: NodeMetrics
  /** Where sessions of browsers are kept */
  sessionsFile: string
  /** IP address to listen on, and the port, 0 for any that is free */
  host: string
  port: number
  /** Other names that it answers to */
  allowedHosts: string[]
  requestsPerSecond: number
  openMetrics: boolean
}

export class ControlApi {
  /** Lets the bearer do everything the operator can. Made anew at each start, so one that leaked ends with the process. */
  readonly token = randomBytes(32).toString('hex')
  private readonly init: ControlApiInit
  private readonly events: EventLog
  private readonly sessions: Sessions
  private readonly server: Server
  /** That it listens on, or has listened on: there are requests under way still when it does not any more */
  private port = 0

  constructor (init: ControlApiInit) {
    const { node, metrics, host, allowedHosts, requestsPerSecond, openMetrics, sessionsFile } = init

    this.init = init
    this.events = new EventLog(node.voting)
    this.sessions = new Sessions(sessionsFile)

    const app = createApp({
      node,
      events: this.events,
      metrics,
      credentials: { token: this.token, sessions: this.sessions, cookieName: () => `libp2p-voting-${this.port}` },
      hosts: new Hosts(host, allowedHosts, () => this.port),
      rate: new RateLimit(requestsPerSecond),
      openMetrics,
      page: pageFolder(),
      url: () => this.url
    })

    this.server = createServer({ requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT, keepAliveTimeoutBuffer: KEEP_ALIVE_MARGIN }, getRequestListener(app.fetch, { overrideGlobalObjects: false }))
    this.server.maxConnections = MAX_CONNECTIONS
    this.server.on('clientError', refuseBroken)
  }

  /** By which programs on this machine reach it */
  get url (): string {
    return `http://${literal(reachable(this.init.host))}:${this.port}`
  }

  /**
   * @throws {ListenError} if it cannot listen there
   */
  async start (): Promise<void> {
    const { host, port } = this.init

    await this.sessions.load()
    this.server.listen(port, host)

    try {
      await once(this.server, 'listening')
    } catch (err: any) {
      throw new ListenError(`Cannot listen on ${literal(host)}:${port} for the control API: ${explain(err)}`, { cause: err })
    }

    this.port = (this.server.address() as AddressInfo).port
    this.events.start()
  }

  async stop (): Promise<void> {
    this.events.stop()

    if (!this.server.listening) {
      return
    }

    const closed = once(this.server, 'close')

    this.server.close()
    this.server.closeIdleConnections()
    await inTime(closed, CLOSE_TIMEOUT)
    this.server.closeAllConnections()
    await closed
    await this.sessions.stop()
  }
}

/** Why it cannot be listened there, and what to do */
function explain ({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the port is in use. Choose another with --api-port; 0 is any that is free'
    case 'EACCES':
      return 'permission denied. Choose a port above 1023 with --api-port'
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address. Choose one it has with --api-host'
    default:
      return `${message}. Choose another port with --api-port`
  }
}

/** What is no HTTP, too long or too late never comes to the app; the answer is a problem all the same */
function refuseBroken (err: NodeJS.ErrnoException, socket: Duplex): void {
  if (err.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()

    return
  }

  const problem = toProblem(explainBroken(err))
  const body = JSON.stringify(problem)

  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}

function explainBroken ({ code, message }: NodeJS.ErrnoException): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('HeadersTooLargeError', 'The headers of the request are too long')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('RequestTimeoutError', `The request did not come within ${REQUEST_TIMEOUT / second} seconds`)
    default:
      return new ApiError('InvalidInputError', `The request is no HTTP: ${message}`)
  }
}
