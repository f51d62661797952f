/**
 * What gossipsub tells messages apart by. In a mesh each comes from several peers, and all of its receptions cost that.
 */

import { hash } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import type { GossipSigning } from '../interface.ts'
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import type { FastMsgIdFn } from '@chainsafe/libp2p-gossipsub/types'

type MessageIds = Partial<Pick<GossipsubOpts, 'fastMsgIdFn' | 'msgIdFn' | 'msgIdToStrFn'>>

type Message = Parameters<FastMsgIdFn>[0]

export function messageIds (signing: GossipSigning): MessageIds {
  return {
    // of 20 to 50 bytes, a character each: gossipsub's base64 takes longer to make, and is longer
    msgIdToStrFn: id => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1'),
    ...signing === 'StrictSign' ? { fastMsgIdFn: identicalMessageId } : contentIds()
  }
}

/**
 * What is equal for messages that are the same to the byte. Without this the signature of the sender is verified each time.
 * Lengths keep fields apart, and nobody can make another message with this id.
 */
function identicalMessageId ({ topic, from, seqno, data, signature, key }: Message): string {
  const fields = [fromString(topic), from, seqno, data, signature, key]
  const lengths = fields.map(field => field?.byteLength ?? -1)

  return hash('sha256', concat([fromString(`${lengths}\n`), ...fields.filter(field => field != null)]), 'binary')
}

/** Without signatures messages have no sender and number to be told apart by: equal content is one message */
function contentIds (): MessageIds {
  // the id of one that has come is asked for twice
  const digests = new WeakMap<Uint8Array, string>()
  const digestOf = (topic: string, data: Uint8Array): string => hash('sha256', concat([fromString(topic), data]), 'binary')

  const fastMsgIdFn = (message: Message): string => {
    const { topic, data } = message

    if (data == null || message.signature != null || message.seqno != null || message.key != null) {
      // not valid without signatures: never taken for one that is
      return identicalMessageId(message)
    }

    const digest = digestOf(topic, data)

    digests.set(data, digest)

    return digest
  }

  return {
    fastMsgIdFn,
    msgIdFn: ({ topic, data }) => Buffer.from(digests.get(data) ?? digestOf(topic, data), 'latin1')
  }
}
