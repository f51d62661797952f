import { createHash } from 'node:crypto'
import { expect } from 'aegir/chai'
import { messageIds } from '../../../src/node/libp2p/message-ids.ts'

const TOPIC = 'news'

describe('ids of gossip messages', () => {
  it('are equal for what is the same to the byte, and for nothing else', () => {
    const { fastMsgIdFn } = messageIds('StrictSign')
    const message = { topic: TOPIC, from: Uint8Array.of(1, 2), seqno: Uint8Array.of(3), data: Uint8Array.of(4, 5), signature: Uint8Array.of(6), key: Uint8Array.of(7) }
    const others = [
      { ...message, topic: 'new' },
      { ...message, from: Uint8Array.of(1), seqno: Uint8Array.of(2, 3) },
      { ...message, data: Uint8Array.of(4) },
      { ...message, signature: Uint8Array.of(5) },
      { ...message, key: undefined },
      { ...message, key: new Uint8Array(0) }
    ]
    const ids = [message, ...others].map(message => fastMsgIdFn?.(message))

    expect(fastMsgIdFn?.({ ...message, data: message.data.slice() })).to.equal(ids[0])
    expect(new Set(ids)).to.have.property('size', ids.length)
  })

  it('are the SHA-256 of what is said, and where, in meshes without signatures', async () => {
    const { fastMsgIdFn, msgIdFn, msgIdToStrFn } = messageIds('StrictNoSign')
    const data = Uint8Array.of(1, 200, 3)
    const id = createHash('sha256').update(TOPIC).update(data).digest()

    // whether gossipsub has asked for the quick one before or not
    for (const isAsked of [false, true]) {
      if (isAsked) {
        expect(fastMsgIdFn?.({ topic: TOPIC, data })).to.equal(msgIdToStrFn?.(id))
      }

      expect(await msgIdFn?.({ type: 'unsigned', topic: TOPIC, data })).to.deep.equal(id)
    }
  })

  it('are others for messages that are not valid without signatures', () => {
    const { fastMsgIdFn } = messageIds('StrictNoSign')
    const message = { topic: TOPIC, data: Uint8Array.of(1) }
    const ids = [message, { ...message, signature: Uint8Array.of(1) }, { ...message, seqno: Uint8Array.of(1) }, { ...message, key: Uint8Array.of(1) }, { topic: TOPIC }].map(message => fastMsgIdFn?.(message))

    expect(new Set(ids)).to.have.property('size', ids.length)
  })

  it('are kept as strings of a character a byte', () => {
    const { msgIdToStrFn } = messageIds('StrictSign')

    expect(msgIdToStrFn?.(Uint8Array.of(0, 65, 255).subarray(1))).to.equal('A\xff')
  })
})
