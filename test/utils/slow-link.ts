/**
 * A TCP proxy in front of a port of this machine through which everything takes its time, as through a satellite.
 */

import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

export class SlowLink {
  readonly port: number
  private readonly server: Server
  private readonly target: number
  private readonly delay: number
  private readonly sockets = new Set<Socket>()

  private constructor (server: Server, target: number, delay: number) {
    this.server = server
    this.target = target
    this.delay = delay
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => { this.let(socket) })
  }

  /**
   * @param target - port on 127.0.0.1 of what is behind it
   * @param delay - milliseconds that each byte takes, each way
   */
  static async open (target: number, delay: number): Promise<SlowLink> {
    const server = createServer().listen(0, '127.0.0.1')

    await once(server, 'listening')

    return new SlowLink(server, target, delay)
  }

  /** Breaks all connections off; new ones are taken */
  cut (): void {
    this.sockets.forEach(socket => { socket.destroy() })
  }

  async close (): Promise<void> {
    this.cut()
    this.server.close()
    await once(this.server, 'close')
  }

  private let (near: Socket): void {
    const far = connect(this.target, '127.0.0.1')

    for (const [socket, other] of [[near, far], [far, near]]) {
      this.sockets.add(socket)
      socket.on('data', bytes => {
        setTimeout(() => { other.write(bytes) }, this.delay)
      })
      // the other side hears of the end in any case
      socket.on('error', () => {})
      socket.on('close', () => {
        this.sockets.delete(socket)
        setTimeout(() => { other.destroy() }, this.delay)
      })
    }
  }
}
