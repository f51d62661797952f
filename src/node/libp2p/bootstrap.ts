/**
 * Joins the mesh by the addresses the operator gave, and stays in it: libp2p gives up on a peer after a few tries, and a
 * node that all its neighbours have left sits silent for ever.
 */

import { BootstrapUnreachableError } from '../errors.ts'
import { peerIdOf } from '../host/config.ts'
import { BOOTSTRAP_INTERVAL, BOOTSTRAP_TIMEOUT } from './settings.ts'
import type { BootstrapPeer } from '../interface.ts'
import type { Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

export class Bootstrapper {
  private readonly libp2p: Libp2p
  private readonly addresses: Multiaddr[]
  private readonly shutdown = new AbortController()
  private timer?: ReturnType<typeof setInterval>

  /**
   * @param addresses - with peer ids; our own is left aside
   */
  constructor (libp2p: Libp2p, addresses: Multiaddr[]) {
    this.libp2p = libp2p
    this.addresses = addresses.filter(address => peerIdOf(address) !== libp2p.peerId.toString())
  }

  /**
   * Resolves as soon as one peer has answered, or there is none to ask.
   *
   * @throws {BootstrapUnreachableError} if none answers in time
   */
  async join (signal?: AbortSignal): Promise<void> {
    if (this.addresses.length === 0) {
      return
    }

    const failures: string[] = []

    try {
      await Promise.any(this.addresses.map(async address => {
        try {
          await this.dial(address, signal)
        } catch (err) {
          failures.push(`${address} (${explain(err)})`)

          throw err
        }
      }))
    } catch (err) {
      signal?.throwIfAborted()

      throw new BootstrapUnreachableError(`No bootstrap peer answers: ${failures.join(', ')}.`, 'Start it first or correct the address; with --allow-unreachable this node starts alone and goes on trying', { cause: err })
    }
  }

  /** Dials those that are not connected, again and again, until stopped */
  keepConnected (): void {
    this.timer = setInterval(() => {
      for (const { address, connected } of this.status()) {
        if (!connected) {
          this.dial(address).catch(err => {
            this.libp2p.logger.forComponent('libp2p:voting:bootstrap').error('could not dial %a - %e', address, err)
          })
        }
      }
    }, BOOTSTRAP_INTERVAL)
  }

  /** Each address, and whether we are connected with its peer */
  status (): BootstrapPeer[] {
    const connected = new Set(this.libp2p.getPeers().map(peerId => peerId.toString()))

    return this.addresses.map(address => ({ address, connected: connected.has(peerIdOf(address) ?? '') }))
  }

  stop (): void {
    clearInterval(this.timer)
    this.shutdown.abort()
  }

  private async dial (address: Multiaddr, signal: AbortSignal = this.shutdown.signal): Promise<void> {
    await this.libp2p.dial(address, {
      signal: AbortSignal.any([AbortSignal.timeout(BOOTSTRAP_TIMEOUT), this.shutdown.signal, signal])
    })
  }
}

/** Why a peer did not answer, in a few words */
function explain (err: any): string {
  const message = [err, err?.cause, ...err?.errors ?? []].map(cause => `${cause?.name} ${cause?.code} ${cause?.message}`).join(' ')

  if (message.includes('ECONNREFUSED')) {
    return 'connection refused'
  }

  if (/TimeoutError|AbortError|ETIMEDOUT|timed? ?out|aborted/i.test(message)) {
    return `no answer within ${BOOTSTRAP_TIMEOUT / 1_000} seconds`
  }

  if (message.includes('UnexpectedPeerError') || /does not match|unexpected peer/i.test(message)) {
    return 'another peer answers there: the peer id is not the one of that node'
  }

  return String(err?.message).split('\n')[0]
}
