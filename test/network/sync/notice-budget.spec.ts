import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'aegir/chai'
import { NoticeBudget } from '../../../src/network/sync/notice-budget.ts'
import type { PeerId } from '@libp2p/interface'

async function newPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('what is told of a peer', () => {
  it('is told once in ten minutes, and of another peer all the same', async () => {
    let time = 100n
    const [peer, other] = [await newPeer(), await newPeer()]
    const notices = new NoticeBudget(() => time)

    expect(notices.isNew(peer, 'a')).to.equal(true)
    expect(notices.isNew(peer, 'a')).to.equal(false)
    expect(notices.isNew(peer, 'b')).to.equal(true)
    expect(notices.isNew(other, 'a')).to.equal(true)

    time = 700n
    expect(notices.isNew(peer, 'a')).to.equal(true)
  })

  it('has an end for a peer that makes up something new each time', async () => {
    let time = 100n
    const [peer, other] = [await newPeer(), await newPeer()]
    const notices = new NoticeBudget(() => time)
    const told = (): number => Array.from({ length: 1_000 }, (_, index) => notices.isNew(peer, `${time} ${index}`)).filter(Boolean).length

    expect(notices.isNew(other, 'a')).to.equal(true)
    expect(told()).to.equal(32)
    // what was told of others stays told
    expect(notices.isNew(other, 'a')).to.equal(false)

    time = 700n
    expect(told()).to.equal(32)
  })

  it('takes bounded memory, however many peers there are', () => {
    const notices = new NoticeBudget(() => 0n)

    for (let index = 0; index < 1_100; index++) {
      notices.isNew({ toString: () => `${index}` } as any, 'a')
    }

    expect(notices.size).to.equal(1_000)
    notices.clear()
    expect(notices.size).to.equal(0)
  })
})
