/**
 * Streams between simulated nodes: libp2p's own, over the simulated network.
 */

import { AbstractStream } from '@libp2p/utils'
import { silentLogger } from './logger.ts'
import type { Network } from './network.ts'
import type { MessageStreamDirection } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

const log = silentLogger.forComponent('stream')

export class SimulatedStream extends AbstractStream {
  private readonly transmit: (deliver: () => void) => void
  private other?: SimulatedStream

  private constructor (direction: MessageStreamDirection, transmit: (deliver: () => void) => void) {
    super({ id: '', direction, log })
    this.transmit = transmit
  }

  /** The two ends of a stream from one node to another */
  static pair (network: Network, from: number, to: number): [SimulatedStream, SimulatedStream] {
    const outbound = new SimulatedStream('outbound', deliver => { network.sendInOrder(from, to, deliver) })
    const inbound = new SimulatedStream('inbound', deliver => { network.sendInOrder(to, from, deliver) })

    outbound.other = inbound
    inbound.other = outbound

    return [outbound, inbound]
  }

  /** Is to be called when the connection is gone */
  cutOff (): void {
    this.onTransportClosed(new Error('the connection was lost'))
  }

  sendData (data: Uint8ArrayList): SendResult {
    const sentBytes = data.byteLength

    this.tell(other => { other.onData(data) })

    return { sentBytes, canSendMore: true }
  }

  sendReset (): void {
    this.tell(other => { other.onRemoteReset() })
  }

  async sendCloseWrite (): Promise<void> {
    this.tell(other => { other.onRemoteCloseWrite() })
  }

  async sendCloseRead (): Promise<void> {
    this.tell(other => { other.onRemoteCloseRead() })
  }

  // nothing here is ever full
  sendPause (): void {}

  sendResume (): void {}

  private tell (what: (other: SimulatedStream) => void): void {
    this.transmit(() => {
      if (this.other?.status === 'open') {
        what(this.other)
      }
    })
  }
}
