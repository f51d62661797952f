/**
 * Finds other processes with this node's peer id, as there are where a data directory was copied to a second machine.
 *
 * libp2p dials no address that names its own peer id, and closes a connection whose other end proves that id before a gater or
 * a service sees the connection. So the handshake is where it can be seen. Both ends of a handshake also send a mark of their
 * process, encrypted: by it a connection that leads back to this process, on whatever way, is told from one to another.
 *
 * Addresses that are said to be this node's are dialed without a peer id: those that mDNS finds, and those to bootstrap from.
 */

import { noise } from '@chainsafe/libp2p-noise'
import { multiaddr } from '@multiformats/multiaddr'
import { randomBytes } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { ExpiringSet } from '../../util/expiring-set.ts'
import { inTime } from '../../util/in-time.ts'
import { peerIdOf } from '../host/config.ts'
import type { NoiseComponents, NoiseExtensions } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, Libp2p, MessageStream, PeerDiscovery, SecuredConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const MARK_LENGTH = 16

/** Milliseconds that the end that dialed waits for the other one to have read all of the handshake: libp2p cuts the connection then */
const PATIENCE = 1_000

/** Seconds until an address is dialed again */
const DIAL_INTERVAL = 10 * 60

/** Addresses that are remembered to have been dialed: whoever likes answers to mDNS */
const MAX_DIALED = 100

export class OwnPeerId {
  /** Of this process, in the form of a multihash. Peers look at the certificates of a handshake under WebTransport only. */
  private readonly mark = Uint8Array.from([0x00, MARK_LENGTH, ...randomBytes(MARK_LENGTH)])
  private readonly onSeen: (address: string | undefined) => void
  private readonly dialed = new ExpiringSet(() => BigInt(Math.floor(Date.now() / 1_000)), DIAL_INTERVAL, MAX_DIALED)
  private libp2p?: Libp2p

  /**
   * @param onSeen - called when another process has proven this node's peer id, with its address if that is known
   */
  constructor (onSeen: (address: string | undefined) => void) {
    this.onSeen = onSeen
  }

  /** For libp2p: the encryption of connections */
  encrypter (): (components: NoiseComponents) => ConnectionEncrypter<NoiseExtensions> {
    const create = noise({ extensions: { webtransportCerthashes: [this.mark] } })

    return components => {
      const encrypter = create(components)

      return {
        protocol: encrypter.protocol,
        secureInbound: async (connection, options) => {
          const secured = await encrypter.secureInbound(connection, options)

          this.look(components, connection, secured)

          return secured
        },
        secureOutbound: async (connection, options) => {
          const secured = await encrypter.secureOutbound(connection, options)

          if (this.look(components, connection, secured)) {
            await inTime(new Promise(resolve => { connection.addEventListener('close', resolve, { once: true }) }), PATIENCE)
          }

          return secured
        }
      }
    }
  }

  /** Tells, and returns whether another process has proven this node's peer id */
  private look ({ peerId }: NoiseComponents, connection: MessageStream, { remotePeer, remoteExtensions }: SecuredConnection<NoiseExtensions>): boolean {
    const isOther = remotePeer.equals(peerId) && remoteExtensions?.webtransportCerthashes.some(mark => equals(mark, this.mark)) !== true

    if (isOther) {
      this.onSeen(addressOf(connection))
    }

    return isOther
  }

  /** For libp2p: a discovery of peers, of which this node's own peer id is looked at as well */
  watch <C> (create: (components: C) => PeerDiscovery): (components: C) => PeerDiscovery {
    return components => {
      const discovery = create(components)

      discovery.addEventListener('peer', ({ detail: { id, multiaddrs } }) => {
        if (this.libp2p?.peerId.equals(id) === true) {
          this.check(multiaddrs)
        }
      })

      return discovery
    }
  }

  /**
   * Call when the node has started
   *
   * @param addresses - those to bootstrap from, each with a peer id
   */
  start (libp2p: Libp2p, addresses: Multiaddr[]): void {
    this.libp2p = libp2p
    this.check(addresses.filter(address => peerIdOf(address) === `${libp2p.peerId}`))
  }

  stop (): void {
    this.libp2p = undefined
  }

  /** Dials addresses that are said to be this node's */
  private check (addresses: Multiaddr[]): void {
    const own = new Set(this.libp2p?.getMultiaddrs().map(withoutPeerId))

    for (const address of addresses.map(withoutPeerId)) {
      if (!own.has(address) && !this.dialed.has(address) && !this.dialed.isFull) {
        this.dialed.add(address)
        this.libp2p?.dial(multiaddr(address)).catch(err => {
          this.libp2p?.logger.forComponent('libp2p:voting:own-peer-id')('dialed %s - %e', address, err)
        })
      }
    }
  }
}

function withoutPeerId (address: Multiaddr): string {
  return address.toString().replace(/\/p2p\/[^/]+$/, '')
}

/** Where the other end of a connection is */
function addressOf (connection: MessageStream): string | undefined {
  return 'remoteAddr' in connection ? `${connection.remoteAddr}` : undefined
}
