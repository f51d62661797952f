/**
 * A TCP proxy in front of one node, which can be shut: what goes through it is cut off, as when a link goes down.
 */

import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

export class Gate {
  /** How many connections go through it now */
  get connections (): number {
    return this.sockets.size / 2
  }

  readonly port: number
  private readonly server: Server
  private readonly target: number
  private readonly sockets = new Set<Socket>()
  private shut = false

  private constructor (server: Server, target: number) {
    this.server = server
    this.target = target
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => { this.let(socket) })
  }

  /**
   * @param target - port on 127.0.0.1 of what is behind it
   */
  static async open (target: number): Promise<Gate> {
    const server = createServer().listen(0, '127.0.0.1')

    await once(server, 'listening')

    return new Gate(server, target)
  }

  /** Ends all connections, and lets none through from now on */
  cut (): void {
    this.shut = true
    this.sockets.forEach(socket => { socket.resetAndDestroy() })
  }

  heal (): void {
    this.shut = false
  }

  async close (): Promise<void> {
    this.cut()
    this.server.close()
    await once(this.server, 'close')
  }

  private let (near: Socket): void {
    if (this.shut) {
      near.resetAndDestroy()
      return
    }

    const far = connect(this.target, '127.0.0.1')

    for (const [socket, other] of [[near, far], [far, near]]) {
      this.sockets.add(socket)
      socket.pipe(other)
      // the other side hears of the end in any case
      socket.on('error', () => {})
      socket.on('close', () => {
        this.sockets.delete(socket)
        other.destroy()
      })
    }
  }
}
