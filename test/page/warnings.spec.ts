import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../src/client/index.ts'
import { signMemberProof } from '../../src/consensus/proofs/member-proof.ts'
import { SyncStatus } from '../../src/pb/sync.ts'
import { identityToAddress } from '../../src/signers/ethereum.ts'
import { newSigner } from '../network/quorum/fixture.ts'
import { createGossipPeer } from '../utils/gossip-peer.ts'
import { helloFor, Liar } from '../utils/liar.ts'
import { now } from '../utils/messages.ts'
import { Pages } from './fixtures/browser.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { NodeEvent } from '../../src/client/index.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
import type { VotingNode } from '../../src/node/index.ts'

/** A request with one field that this version does not know: 100, a string */
const NEWER = Uint8Array.of(0xa2, 0x06, 2, 104, 105)

describe('page of what an operator should look at', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()
  let peer: Liar

  beforeEach(async () => {
    peer = await Liar.create()
  })

  afterEach(async () => {
    await peer.stop()
  })

  /** The events of a type, as they happen from now on */
  async function follow ({ api }: VotingNode, type: NodeEvent['type']): Promise<unknown[]> {
    const told: unknown[] = []
    const { promise, resolve } = Promise.withResolvers<void>()

    void (async () => {
      for await (const event of new VotingClient(api).events({ reconnect: false, onConnect: resolve })) {
        if (event.type === type) {
          told.push(event.data)
        }
      }
    })().catch(() => {
      // the node has stopped
    })
    await promise

    return told
  }

  it('shows peers that use a newer format, in a scope or before they name one', async () => {
    const alice = await nodes.start('alice')
    const told = await follow(alice, 'mismatch')

    await alice.voting.join({ name: 'council', voters: [alice.voter] })

    const [scope] = alice.voting.scopes()
    const first = await peer.open(alice)

    expect(await first.send(NEWER)).to.include({ status: SyncStatus.UNSUPPORTED })

    const asking = await peer.ask(alice as any, scope)

    expect(await asking.send(NEWER)).to.include({ status: SyncStatus.UNSUPPORTED })

    const { newerFormats } = await new VotingClient(alice.api).status()
    const peerId = `${peer.libp2p.peerId}`

    expect(newerFormats.map(({ since, ...seen }) => seen)).to.deep.equal([{ peer: peerId }, { peer: peerId, scope: 'council' }])
    await pWaitFor(() => told.length === 2)
    expect(told).to.deep.equal([{ peer: peerId, what: 'format' }, { scope: 'council', peer: peerId, what: 'format' }])

    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'Node', exact: true }).click()
    await page.locator('.fact', { hasText: 'update this node' }).filter({ hasText: 'in council' }).getByText('sends what only a later version can read').waitFor()
  })

  it('shows a clock that is off, and that it is right again, as it happens', async () => {
    const alice = await nodes.start('alice')
    const told = await follow(alice, 'clock')
    const other = newSigner()

    await alice.voting.join({ name: 'council', voters: [alice.voter, identityToAddress(other.identity)] })

    const scope = alice.voting.scopes()[0] as JoinedScope
    let ahead = 100n
    const { page } = await pages.open(alice.api)

    await page.getByText('Live').waitFor()

    const member = await signMemberProof(other, { scope: scope.name, digest: scope.digest, peer: `${peer.libp2p.peerId}` }, { issued: now(), expires: now() + 86_400n, count: 0n, mark: new Uint8Array(16) })

    await peer.answer(scope, ({ hello }) => ({ hello: { ...helloFor(scope), root: hello?.root, member, now: now() + ahead } }))
    await alice.libp2p.dial(peer.libp2p.getMultiaddrs())

    const { sync } = (alice.voting as any).parts
    const warning = page.locator('.notice.warning', { hasText: 'The clock of this node is off' })

    await sync.requestAll(scope, [peer.libp2p.peerId])
    await warning.getByText(/behind 1 other member; 10 s are allowed/).waitFor()
    await page.getByRole('link', { name: 'Node', exact: true }).click()
    await page.locator('.fact', { hasText: 'clock' }).getByText(/behind 1 other member/).waitFor()

    ahead = 0n
    await sync.requestAll(scope, [peer.libp2p.peerId])
    await page.locator('.fact', { hasText: 'clock' }).waitFor({ state: 'detached' })
    expect(told.map(event => (event as any).isOff)).to.deep.equal([true, false])
  })

  it('shows that no peer can be asked where all run the crate', async () => {
    const alice = await nodes.start('alice')
    const client = new VotingClient(alice.api)

    await alice.voting.join({ name: 'council', decisionRule: 'reference', voters: [alice.voter, identityToAddress(newSigner().identity)] })
    await alice.voting.join({ name: 'lobby', decisionRule: 'reference', voters: null })
    expect((await client.scopes()).map(({ noneToAsk }) => noneToAsk)).to.deep.equal([false, false])

    const crate = await createGossipPeer()

    try {
      alice.voting.scopes().forEach(({ topic }) => { crate.services.pubsub.subscribe(topic) })
      await crate.dial(alice.libp2p.getMultiaddrs())
      await pWaitFor(async () => (await client.scopes()).every(({ noneToAsk }) => noneToAsk), { timeout: 10_000 })

      const { page } = await pages.open(alice.api)

      for (const name of ['council', 'lobby']) {
        await page.getByRole('region', { name, exact: true }).getByText('no peer here can be asked').waitFor()
      }
    } finally {
      await crate.stop()
    }
  })
})
