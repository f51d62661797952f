/**
 * Lets gossipsub work on several frames of a peer at a time.
 *
 * It has two ways by itself: one frame after the other, where each vote waits until the one before is on disk, or all at
 * once, where a peer that sends faster than we work fills our memory. This is between the two: within bounds frames are
 * worked on side by side, so that votes share batches of the store, and beyond them no more is read from the peer.
 */

import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { ComponentLogger, PeerId } from '@libp2p/interface'

/** Frames of one peer that are worked on at the same time, at most: while some are verified, others are on their way to the disk */
const MAX_FRAMES = 128

/** Bytes of messages in them, at most. One frame may have more, and then is alone. */
const MAX_BYTES = 256 * 1024

interface Rpc {
  messages: Array<{ data?: Uint8Array }>
}

/** The part of gossipsub that each frame goes through, which reads the next one when it resolves */
interface PipelinedPubSub {
  handleReceivedRpc (from: PeerId, rpc: Rpc): Promise<void>
}

interface Load {
  frames: number
  bytes: number
  /** Is called when a frame is done with */
  onDone? (): void
}

/** Is to be called before gossipsub starts */
export function pipeline (gossipsub: GossipSub, logger: ComponentLogger): void {
  const pubsub = gossipsub as unknown as PipelinedPubSub
  const handleReceivedRpc = pubsub.handleReceivedRpc.bind(pubsub)
  const log = logger.forComponent('libp2p:voting:pipeline')
  const loads = new Map<string, Load>()

  pubsub.handleReceivedRpc = async (from, rpc) => {
    const key = `${from}`
    const load = loads.get(key) ?? { frames: 0, bytes: 0 }
    const bytes = rpc.messages.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0)

    loads.set(key, load)

    while (load.frames >= MAX_FRAMES || (load.frames > 0 && load.bytes + bytes > MAX_BYTES)) {
      await new Promise<void>(resolve => { load.onDone = resolve })
    }

    load.frames++
    load.bytes += bytes

    handleReceivedRpc(from, rpc).catch(err => {
      // as gossipsub does where nobody waits for a frame
      log.error('could not work on a frame of %p - %e', from, err)
    }).finally(() => {
      load.frames--
      load.bytes -= bytes
      load.onDone?.()

      // a new load may have been begun for the peer since
      if (load.frames === 0 && loads.get(key) === load) {
        loads.delete(key)
      }
    })
  }
}
