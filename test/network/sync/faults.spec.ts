import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeProposal } from '../../../src/consensus/proposal/proposal.ts'
import { dayOf } from '../../../src/consensus/storage/interface.ts'
import { voteSetHash } from '../../../src/consensus/vote/vote-set.ts'
import { encodeVote } from '../../../src/consensus/vote/vote.ts'
import { SYNC_PROTOCOL } from '../../../src/network/sync/constants.ts'
import { ENDED, PRUNED } from '../../../src/network/sync/digests.ts'
import { GossipSigning, PageKind, SyncStatus } from '../../../src/pb/sync.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { helloFor, Liar } from '../../utils/liar.ts'
import { makeVote, now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { everyVote, know, knowledge, makeProposals, scopeOf, synced } from '../../utils/sync.ts'
import type { Proposal, Vote } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { Sync } from '../../../src/network/sync/index.ts'
import type { SyncRequest } from '../../../src/pb/sync.ts'
import type { Lie } from '../../utils/liar.ts'
import type { TestNode } from '../../utils/nodes.ts'

/** A proposal with a vote on it, and all that an honest peer says of it */
interface Story {
  proposal: Proposal
  vote: Vote
  days: any
  summaries: any
  delivery: any
  haves: { none: Uint8Array, one: Uint8Array }
}

/** What to say to which kind of request; a hello is answered with one */
function answering (answers: { [kind in keyof SyncRequest]?: (request: SyncRequest) => Lie }): (request: SyncRequest) => Lie | undefined {
  return request => {
    const kind = (Object.keys(answers) as Array<keyof SyncRequest>).find(kind => request[kind] != null)

    return kind == null ? undefined : answers[kind]?.(request)
  }
}

const HASH = new Uint8Array(32).fill(9)

describe('sync with liars', function () {
  this.timeout(60_000)

  const voters = Array.from({ length: 3 }, () => ethereumSigner(generatePrivateKey()))
  let network: TestNetwork
  let liar: Liar
  let node: TestNode
  let scope: JoinedScope
  let sync: Sync
  let faults: string[]

  beforeEach(async () => {
    network = new TestNetwork()
    liar = await Liar.create()
    node = await network.add({ sync: { frameTimeout: 500, maxFrames: 40 } })
    await node.voting.join(policyOf([], { voters: voters.map(({ identity }) => identityToAddress(identity)) }))
    scope = scopeOf(node)
    sync = (node.voting as any).parts.sync
    faults = []
    ;(sync as any).init.onFault = (peer: any, reason: string) => { faults.push(reason) }
    await node.libp2p.dial(liar.libp2p.getMultiaddrs())
  })

  afterEach(async () => {
    await network.stop()
    await liar.stop()
  })

  async function story (): Promise<Story> {
    const [{ proposal, signature }] = await makeProposals(1, voters[0], scope)
    const vote = await makeVote(voters[1], proposal, true)
    const entry = voteSetHash([vote])
    const one = scope.haveSets.of([vote]).encode()
    const day = dayOf(proposal)

    return {
      proposal,
      vote,
      haves: { none: new Uint8Array(), one },
      days: { days: { days: [{ day, digest: HASH }] } },
      summaries: { summaries: { days: [{ day, summaries: [{ proposalId: proposal.proposalId, digest: announcementDigest(scope.policy, proposal), entry, flags: 0 }] }] } },
      delivery: {
        proposalId: proposal.proposalId,
        announcement: { proposal: encodeProposal(proposal), signature },
        holding: { have: one, entry, flags: 0 },
        votes: [encodeVote(vote)]
      }
    }
  }

  /** An honest story, but for its delivery */
  function telling ({ days, summaries, delivery }: Story): (request: SyncRequest) => Lie | undefined {
    return answering({
      days: () => days,
      summaries: () => summaries,
      pull: ({ pull }) => ({
        deliveries: {
          deliveries: delivery == null ? [] : [{ ...delivery, announcement: pull?.wants[0].announcement === true ? delivery.announcement : undefined }]
        }
      })
    })
  }

  async function ask (): Promise<void> {
    const { begun } = sync.stats

    // whatever it has done before
    ;(sync as any).driver.request(scope, liar.libp2p.peerId)
    await pWaitFor(() => sync.stats.begun > begun && (sync as any).driver.running.size === 0, { timeout: 20_000 })
  }

  const lies: Array<[string, RegExp, (request: SyncRequest, story: Story) => Lie | undefined]> = [
    ['garbage', /no message/, () => Uint8Array.of(5, 255, 255, 255, 255, 255)],
    ['a frame that is too long', /too long a frame/, () => Uint8Array.of(0x80, 0x80, 0x40, 1, 2, 3)],
    ['an answer to something else', /page|listed|did not/, (request, { summaries }) => answering({
      days: () => ({ ...summaries, more: true }),
      next: () => ({ ack: { taken: [] }, more: true })
    })(request)],
    ['another policy, by a name that is no digest', /which policy/, ({ hello }) => ({ status: SyncStatus.OTHER_POLICY, hello: { ...hello, digest: new Uint8Array(100_000) } as any })],
    ['another policy, which it does not name', /which policy/, () => ({ status: SyncStatus.OTHER_POLICY })],
    ['empty pages without end', /nothing on it/, ({ hello }) => hello == null ? { days: { days: [] }, more: true } : undefined],
    ['days out of order', /out of order/, ({ hello }) => hello == null ? { days: { days: [{ day: 2, digest: HASH }, { day: 1, digest: HASH }] } } : undefined],
    ['a day on which nothing can end', /none so late/, ({ hello }) => hello == null ? { more: true, days: { days: [{ day: 100_000, digest: HASH }] } } : undefined],
    ['a day that was not asked for', /not asked for/, answering({
      days: () => ({ days: { days: [{ day: 2, digest: HASH }] } }),
      summaries: () => ({ summaries: { days: [{ day: 3, summaries: [{ proposalId: 1, digest: HASH, entry: HASH, flags: 0 }] }] } })
    })]
  ]

  lies.forEach(([what, reason, lie]) => {
    it(`makes one bounded attempt at a peer that sends ${what}`, async () => {
      const told = await story()

      await liar.answer(scope, request => lie(request, told))
      await ask()

      expect(faults).to.have.length(1)
      expect(faults[0]).to.match(reason)
      expect(liar.asked).to.equal(1)
      expect(sync.stats).to.include({ begun: 1, completed: 0, faults: 1, proposals: 0 })
    })
  })

  const silences: Array<[string, (request: SyncRequest) => Lie | undefined]> = [
    ['a length without end', () => new Uint8Array(20).fill(255)],
    ['nothing at all', () => 'say nothing'],
    ['nothing after the hello', ({ hello }) => hello == null ? 'say nothing' : undefined],
    ['the end of the stream, midway', ({ hello }) => hello == null ? 'hang up' : undefined],
    ['proposals without end', (() => {
      let proposalId = 1
      const page = (): Lie => ({ more: true, summaries: { days: [{ day: 2, summaries: [{ proposalId: proposalId++, digest: HASH, entry: HASH, flags: 3 }] }] } })

      return answering({ days: () => ({ days: { days: [{ day: 2, digest: HASH }] } }), summaries: page, next: page })
    })()]
  ]

  silences.forEach(([what, lie]) => {
    it(`leaves a peer that sends ${what} alone for a while, and holds nothing against it, which may be honest`, async () => {
      await liar.answer(scope, lie)
      await ask()

      expect(faults).to.be.empty()
      expect(liar.asked).to.equal(1)
      expect(sync.stats).to.include({ begun: 1, completed: 0, faults: 0 })
      expect((sync as any).driver.init.isTrusted(liar.libp2p.peerId)).to.equal(false)
    })
  })

  it('gives a peer its time anew where this process has stood still', async () => {
    await liar.answer(scope, ({ days }) => {
      if (days != null) {
        // longer than a frame may take: the timer is due when this process goes on, and the answer has not been read
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)

        return { days: { days: [] } }
      }
    })
    await ask()

    expect(sync.stats).to.include({ begun: 1, completed: 1, faults: 0 })
    expect((sync as any).driver.init.isTrusted(liar.libp2p.peerId)).to.equal(true)
  })

  it('holds nothing against a peer whose connection ends', async () => {
    await liar.answer(scope, async ({ hello }) => {
      if (hello == null) {
        liar.libp2p.getConnections().forEach(connection => { connection.abort(new Error('the link is down')) })

        return 'say nothing'
      }
    })
    await ask()

    expect(faults).to.be.empty()
    expect(sync.stats).to.include({ begun: 1, completed: 0, faults: 0 })
  })

  ;[SyncStatus.BUSY, SyncStatus.UNKNOWN_SCOPE, SyncStatus.UNSUPPORTED].forEach(status => {
    it(`holds nothing against a peer that ends a sync with ${status}`, async () => {
      await liar.answer(scope, ({ hello }) => hello == null ? { status } : undefined)
      await ask()

      expect(faults).to.be.empty()
      expect(sync.stats).to.include({ begun: 1, completed: 0, faults: 0 })
      expect((sync as any).driver.init.isTrusted(liar.libp2p.peerId)).to.equal(true)
    })
  })

  it('does not dial a peer that was busy and has left', async () => {
    const { libp2p: { peerId } } = liar
    const opened: string[] = []

    ;(sync as any).driver.init.busyDelay = 200
    await liar.answer(scope, () => ({ status: SyncStatus.BUSY }))
    await ask()
    await liar.libp2p.hangUp(node.libp2p.peerId)
    await pWaitFor(() => node.libp2p.getConnections(peerId).length === 0, { timeout: 10_000 })

    const { begun } = sync.stats

    node.libp2p.addEventListener('connection:open', ({ detail }) => { opened.push(`${detail.remotePeer}`) })
    await pWaitFor(() => sync.stats.begun > begun, { timeout: 10_000 })
    await sync.idle(scope)
    expect(opened).to.be.empty()
    expect(sync.stats).to.include({ begun: begun + 1, completed: 0, faults: 0 })
  })

  it('finds out what it has before a peer waits for it', async () => {
    const { index, components } = sync as any
    const summary = index.summary.bind(index)
    const { connectionManager } = components
    const steps: string[] = []

    index.summary = async (...args: any[]) => {
      const made = await summary(...args)

      // as much as there may be to look at
      await new Promise(resolve => setImmediate(resolve))
      steps.push('root')

      return made
    }
    components.connectionManager = {
      openStream: async (...args: any[]) => {
        steps.push('stream')

        return connectionManager.openStream(...args)
      },
      getConnections: (...args: any[]) => connectionManager.getConnections(...args)
    }
    await liar.answer(scope, () => 'hang up')
    await ask()
    expect(steps).to.deep.equal(['root', 'stream'])
  })

  const deliveries: Array<[string, RegExp, (story: Story) => void | Promise<void>]> = [
    ['what was not asked for', /not asked for/, ({ delivery }) => { delivery.proposalId++; delivery.announcement = undefined; delivery.votes = [] }],
    ['no proposal, and says it has it', /says it has the proposal/, ({ delivery }) => { delivery.announcement = undefined }],
    ['the proposal of another id', /for another proposal/, async ({ delivery, proposal }) => { delivery.announcement.proposal = encodeProposal({ ...proposal, proposalId: 1 }) }],
    ['a proposal with votes in it', /votes or a round in it/, async ({ delivery, proposal, vote }) => { delivery.announcement.proposal = encodeProposal({ ...proposal, votes: [vote] }) }],
    ['a proposal that nobody has signed', /not valid/, ({ delivery }) => { delivery.announcement.signature = new Uint8Array(65) }],
    ['fewer votes than it says it has', /did not come/, ({ delivery }) => { delivery.votes = [] }],
    ['a vote that it did not say it has', /did not say it has/, ({ delivery, haves }) => { delivery.holding.have = haves.none }],
    ['a vote twice', /not asked for/, ({ delivery }) => { delivery.votes.push(delivery.votes[0]) }],
    ['a vote for another proposal', /for another proposal/, async ({ delivery, proposal }) => { delivery.votes = [encodeVote(await makeVote(voters[1], { ...proposal, proposalId: 1 }, true))] }],
    ['a vote with a wrong signature', /vote .* not valid/, ({ delivery, vote }) => { delivery.votes = [encodeVote({ ...vote, signature: new Uint8Array(65).fill(1) })] }],
    ['a vote that cannot be read', /cannot be read/, ({ delivery }) => { delivery.votes = [Uint8Array.of(1, 2, 3)] }],
    ['votes that are not those it listed', /other votes than it says it has/, ({ delivery, summaries }) => { delivery.holding.entry = HASH; summaries.summaries.days[0].summaries[0].entry = HASH }],
    ['a have-set of strangers', /have-set/, ({ delivery }) => { delivery.holding.have = Uint8Array.of(255) }],
    ['a have-set that is too long', /have-set/, ({ delivery }) => { delivery.holding.have = new Uint8Array(100) }]
  ]

  deliveries.forEach(([what, reason, change]) => {
    it(`blames a peer that delivers ${what}, and takes it from an honest one`, async () => {
      const told = await story()
      const honest = structuredClone(told)

      await change(told)
      await liar.answer(scope, telling(told))
      await ask()

      expect(faults).to.have.length(1)
      expect(faults[0]).to.match(reason)

      // what a liar says of a proposal keeps nobody from having it
      await liar.answer(scope, telling(honest))
      await ask()
      expect(await node.voting.get('council', told.proposal.proposalId)).to.deep.include({ tally: { yes: 1, no: 0 } })
      expect(faults).to.have.length(1)
    })
  })

  const changes: Array<[string, (story: Story) => void]> = [
    ['does not deliver what it listed', story => { story.delivery = undefined }],
    ['has pruned since it listed them', ({ delivery }) => { Object.assign(delivery, { announcement: undefined, votes: [], holding: { have: new Uint8Array(), entry: delivery.holding.entry, flags: ENDED | PRUNED } }) }],
    ['has another proposal of the id than it listed', ({ delivery, proposal }) => { delivery.announcement.proposal = encodeProposal({ ...proposal, name: 'Other' }) }]
  ]

  changes.forEach(([what, change]) => {
    it(`holds nothing against a peer that ${what}, asks it again, and after three times last`, async () => {
      const told = await story()
      const honest = structuredClone(told)
      let pulls = 0

      const answer = async (story: Story): Promise<void> => liar.answer(scope, request => {
        pulls += request.pull == null ? 0 : 1

        return telling(story)(request)
      })

      change(told)
      await answer(told)

      for (const isLast of [false, false, true, true]) {
        await ask()
        expect((sync as any).undelivered.isLast(liar.libp2p.peerId)).to.equal(isLast)
      }

      expect(pulls).to.equal(4)
      expect(sync.stats).to.include({ completed: 4, faults: 0, proposals: 0 })
      expect((sync as any).driver.init.isTrusted(liar.libp2p.peerId)).to.equal(true)

      await answer(honest)
      await ask()
      expect(await node.voting.get('council', told.proposal.proposalId)).to.deep.include({ tally: { yes: 1, no: 0 } })
      expect((sync as any).undelivered.isLast(liar.libp2p.peerId)).to.equal(false)
      expect(faults).to.be.empty()
    })
  })

  const acks: Array<[string, (push: any) => Lie]> = [
    ['nothing', () => ({})],
    ['that it has taken what it was not given', () => ({ ack: { taken: [1] } })]
  ]

  acks.forEach(([what, ack]) => {
    it(`blames a peer that is given a proposal and says ${what}`, async () => {
      await know(node, await makeProposals(1, voters[0], scope))
      await liar.answer(scope, answering({ days: () => ({ days: { days: [] } }), summaries: () => ({ summaries: { days: [] } }), push: ack }))
      await ask()

      expect(faults).to.have.length(1)
      expect(faults[0]).to.match(/did not say what it has taken/)
    })
  })

  it('gives a peer once what it says it has taken and lists never', async () => {
    const [{ proposal, signature }] = await makeProposals(1, voters[0], scope)
    let pushes = 0

    await know(node, [{ proposal, signature }])
    await liar.answer(scope, answering({
      days: () => ({ days: { days: [] } }),
      summaries: () => ({ summaries: { days: [] } }),
      push: () => {
        pushes++

        return { ack: { taken: [proposal.proposalId] } }
      }
    }))
    await ask()
    await ask()

    expect(sync.stats.completed).to.equal(2)
    expect(pushes).to.equal(1)
  })

  it('does not ask a liar by itself again, and does not ask for what it refused', async () => {
    const [future] = await makeProposals(1, voters[0], scope, { timestamp: now() + 10_000n })
    const told = await story()
    let pulls = 0

    told.days.days.days[0].day = dayOf(future.proposal)
    told.summaries.summaries.days[0] = { day: dayOf(future.proposal), summaries: [{ ...told.summaries.summaries.days[0].summaries[0], proposalId: future.proposal.proposalId, digest: announcementDigest(scope.policy, future.proposal) }] }
    told.delivery = {
      proposalId: future.proposal.proposalId,
      announcement: { proposal: encodeProposal(future.proposal), signature: future.signature },
      holding: { have: new Uint8Array(), entry: voteSetHash([]), flags: 0 },
      votes: []
    }

    await liar.answer(scope, request => {
      pulls += request.pull == null ? 0 : 1

      return telling(told)(request)
    })
    await ask()
    await ask()

    expect(pulls).to.equal(1)
    expect(faults).to.be.empty()
    expect((sync as any).driver.init.isTrusted(liar.libp2p.peerId)).to.equal(true)

    await liar.answer(scope, () => Uint8Array.of(2, 255, 255))
    await ask()
    expect((sync as any).driver.init.isTrusted(liar.libp2p.peerId)).to.equal(false)

    const { begun } = sync.stats
    sync.request(scope, liar.libp2p.peerId)
    sync.met(scope, liar.libp2p.peerId)
    expect((sync as any).driver.queue.size + (sync as any).driver.running.size).to.equal(0)
    expect(sync.stats.begun).to.equal(begun)
  })

  describe('that ask', () => {
    it('answers a stranger that it is in no such scope, and nothing else', async () => {
      const asking = await liar.open(node)

      expect(await asking.request({ hello: { scope: 'senate', digest: HASH, signing: GossipSigning.UNKNOWN, since: 0, root: HASH } as any }))
        .to.deep.equal({ status: SyncStatus.UNKNOWN_SCOPE, more: false })
    })

    it('answers so many syncs of one peer and no more', async () => {
      for (let i = 0; i < 5; i++) {
        const asking = await liar.ask(node, scope)
        await asking.stream.close()
      }

      const asking = await liar.open(node)
      expect(await asking.request({ hello: undefined })).to.include({ status: SyncStatus.BUSY })
    })

    it('tells one to come again while it finds out what it has', async () => {
      const { index } = sync as any
      const summary = index.summary.bind(index)
      const made = Promise.withResolvers<void>()

      index.summary = async (...args: any[]) => made.promise.then(async () => summary(...args))
      const early = await liar.open(node)
      const answer = early.request({ hello: helloFor(scope) }).finally(() => { made.resolve() })
      expect(await answer).to.include({ status: SyncStatus.BUSY })

      const later = await liar.open(node)
      expect(await later.request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.OK })
      expect(faults).to.be.empty()
    })

    it('tells one that it leaves the scope, or stops', async () => {
      const left = await liar.ask(node, scope)
      await node.voting.leave('council')
      expect(await left.response()).to.include({ status: SyncStatus.UNKNOWN_SCOPE })

      await node.voting.join(scope.policy)
      const stopped = await liar.ask(node, scope)
      const stopping = (node.voting as any).stop()
      expect(await stopped.response()).to.include({ status: SyncStatus.UNKNOWN_SCOPE })
      await stopping
    })

    it('takes no more than two streams of a peer at once', async () => {
      await liar.ask(node, scope)
      await liar.ask(node, scope)
      await expect(liar.ask(node, scope)).to.eventually.be.rejected()
    })

    it('tells one that says nothing to come again', async () => {
      const asking = await liar.ask(node, scope)

      expect(await asking.response()).to.include({ status: SyncStatus.BUSY })
      await asking.stream.close()
      await pWaitFor(() => (sync as any).served.size === 0, { timeout: 5_000 })
      expect(faults).to.be.empty()
    })

    it('tells one that has asked as much as may be to come again, and answers it no more for a while', async () => {
      const asking = await liar.ask(node, scope)
      const statuses: SyncStatus[] = []

      for (let i = 0; i < 40; i++) {
        statuses.push((await asking.request({ summaries: { days: [] } })).status)
      }

      expect(new Set(statuses.slice(0, 39))).to.deep.equal(new Set([SyncStatus.OK]))
      expect(statuses[39]).to.equal(SyncStatus.BUSY)

      await asking.stream.close()
      await pWaitFor(() => (sync as any).served.size === 0, { timeout: 5_000 })
      expect(await (await liar.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.BUSY })
      expect(faults).to.be.empty()
    })

    const greed: Array<[string, number, (story: Story) => any]> = [
      ['the list of days', 2, () => ({ days: {} })],
      ['the proposals of a day', 2, ({ proposal }) => ({ summaries: { days: [dayOf(proposal)] } })],
      ['a proposal', 128, ({ proposal }) => ({ pull: { wants: [{ proposalId: proposal.proposalId, announcement: true, votes: true, have: new Uint8Array() }] } })]
    ]

    greed.forEach(([what, limit, request]) => {
      it(`blames one that asks for ${what} again and again`, async () => {
        const told = await story()
        const { announcement: { signature } } = told.delivery
        let answers = 0

        await know(node, [{ proposal: told.proposal, signature }], [told.vote])
        ;(sync as any).init.maxFrames = 1_000
        const asking = await liar.ask(node, scope)

        await expect((async () => {
          for (;;) {
            await asking.request(request(told))
            answers++
          }
        })()).to.eventually.be.rejected()
        expect(answers).to.equal(limit)
        await pWaitFor(() => faults.length === 1)
        expect(faults[0]).to.match(/again and again/)
      })
    })

    const requests: Array<[string, RegExp, (story: Story) => any]> = [
      ['with a second hello', /hello twice/, () => ({ hello: helloFor(scope) })],
      ['for more days than may be', /more than 64/, () => ({ summaries: { days: Array.from({ length: 65 }, (_, day) => day) } })],
      ['for more proposals than may be', /more than 128/, () => ({ pull: { wants: Array.from({ length: 129 }, (_, proposalId) => ({ proposalId, votes: true })) } })],
      ['for a proposal twice', /one twice/, () => ({ pull: { wants: [{ proposalId: 1 }, { proposalId: 1 }] } })],
      ['for a page after the last', /after the last/, () => ({ next: { of: PageKind.LISTING } })],
      ['for days out of order', /ascending/, () => ({ summaries: { days: [2, 1] } })],
      ['for votes with a have-set that is none', /have-set/, async ({ proposal }) => {
        await know(node, [{ proposal, signature: new Uint8Array(65) }])
        return { pull: { wants: [{ proposalId: proposal.proposalId, announcement: false, votes: true, have: Uint8Array.of(255) }] } }
      }],
      ['it to take a vote that is not valid', /vote .* not valid/, ({ delivery, vote }) => ({ push: { deliveries: [{ ...delivery, votes: [encodeVote({ ...vote, signature: new Uint8Array(65).fill(1) })] }] } })],
      ['it to take a proposal twice', /twice/, ({ delivery }) => ({ push: { deliveries: [delivery, delivery] } })],
      ['it to take what cannot be read', /cannot be read/, ({ delivery }) => ({ push: { deliveries: [{ ...delivery, votes: [HASH] }] } })]
    ]

    requests.forEach(([what, reason, request]) => {
      it(`blames one that asks ${what}`, async () => {
        const told = await story()
        const asking = await liar.ask(node, scope)

        await expect(Promise.resolve(request(told)).then(async request => asking.request(request))).to.eventually.be.rejected()
        await pWaitFor(() => faults.length === 1)
        expect(faults[0]).to.match(reason)
      })
    })

    it('tells one that brings what is known again and again to come again, which others may have brought meanwhile', async () => {
      const told = await story()
      const { announcement: { signature } } = told.delivery
      const statuses: SyncStatus[] = []

      await know(node, [{ proposal: told.proposal, signature }], [told.vote])
      ;(sync as any).init.maxFrames = 1_000
      const asking = await liar.ask(node, scope)

      while (statuses.at(-1) !== SyncStatus.BUSY) {
        statuses.push((await asking.request({ push: { deliveries: [told.delivery] } })).status)
      }

      expect(statuses).to.have.length(257)
      await asking.stream.close()
      await pWaitFor(() => (sync as any).served.size === 0, { timeout: 5_000 })
      expect(await (await liar.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.BUSY })
      expect(faults).to.be.empty()
    })

    it('holds nothing against one that asks for days which another sync has brought since they were listed', async () => {
      const proposals = await Promise.all(Array.from({ length: 150 }, async (_, day) => (await makeProposals(1, voters[0], scope, { timestamp: now() - BigInt(day + 1) * 86_400n, expirationTimestamp: now() - BigInt(day) * 86_400n }))[0]))
      const days = [...new Set(proposals.map(({ proposal }) => dayOf(proposal)))].sort((a, b) => a - b)
      const asking = await liar.ask(node, scope)

      expect((await asking.request({ days: {} })).days?.days).to.be.empty()
      await know(node, proposals)

      for (let from = 0; from < days.length; from += 64) {
        expect((await asking.request({ summaries: { days: days.slice(from, from + 64) } })).status).to.equal(SyncStatus.OK)
      }

      await asking.stream.close()
      await pWaitFor(() => (sync as any).served.size === 0, { timeout: 5_000 })
      expect(faults).to.be.empty()
    })

    it('tells one with a newer format that it does not know what it asks, tells of it once a scope, goes on, and holds nothing against it', async () => {
      const told: string[] = []
      // field 100, a string
      const newer = Uint8Array.of(0xa2, 0x06, 2, 104, 105)

      ;(sync as any).init.onNewerFormat = (peer: any, name?: string) => { told.push(`${peer} ${name}`) }

      const first = await liar.open(node)
      expect(await first.send(newer)).to.deep.equal({ status: SyncStatus.UNSUPPORTED, more: false })

      const asking = await liar.ask(node, scope)
      expect(await asking.send(newer)).to.deep.equal({ status: SyncStatus.UNSUPPORTED, more: false })
      expect(await asking.request({ days: {} })).to.include({ status: SyncStatus.OK })

      expect(await asking.send(newer)).to.deep.equal({ status: SyncStatus.UNSUPPORTED, more: false })
      expect(told).to.deep.equal([`${liar.libp2p.peerId} undefined`, `${liar.libp2p.peerId} council`])
      expect(faults).to.be.empty()
    })

    it('blames one that names a policy by something else than a digest, and remembers nothing of it', async () => {
      const told: Uint8Array[] = []
      const asking = await liar.open(node)

      ;(sync as any).init.onPolicyMismatch = (peer: any, name: string, digest: Uint8Array) => { told.push(digest) }

      await expect(asking.request({ hello: { scope: 'council', digest: new Uint8Array(200_000), signing: GossipSigning.UNKNOWN, since: 0, root: HASH } as any })).to.eventually.be.rejected()
      await pWaitFor(() => faults.length === 1)
      expect(faults[0]).to.match(/policy by 200000 bytes/)
      expect(told).to.be.empty()
    })

    it('blames one that sends garbage', async () => {
      const { stream } = await liar.open(node)

      stream.send(Uint8Array.of(3, 255, 255, 255))
      await pWaitFor(() => faults.length === 1)
      expect(faults[0]).to.match(/no message/)
    })
  })

  describe('or with members that differ', () => {
    it('tells of another policy and of other signing, once', async () => {
      const told: string[] = []
      const { libp2p } = node
      const noStreams = (): boolean => libp2p.getConnections().every(({ streams }) => streams.every(({ protocol }) => protocol !== SYNC_PROTOCOL))

      ;(sync as any).init.onPolicyMismatch = (peer: any, name: string, digest: Uint8Array) => { told.push(`policy ${name} ${digest[0]}`) }
      ;(sync as any).init.onSigningMismatch = (peer: any, name: string) => { told.push(`signing ${name}`) }

      for (let i = 0; i < 2; i++) {
        const other = await liar.open(node)
        const answer = await other.request({ hello: { scope: 'council', digest: HASH, signing: GossipSigning.UNKNOWN, since: 0, root: HASH } as any })

        expect(answer).to.include({ status: SyncStatus.OTHER_POLICY })
        expect(answer.hello?.digest).to.equalBytes(scope.digest)

        const signing = await liar.open(node)
        expect(await signing.request({ hello: { scope: 'council', digest: scope.digest, signing: GossipSigning.STRICT_NO_SIGN, since: 0, root: HASH } as any })).to.include({ status: SyncStatus.OK })
        await other.stream.close()
        await signing.stream.close()
        // a peer may have two at a time
        await pWaitFor(noStreams, { timeout: 10_000 })
      }

      await liar.answer(scope, () => ({ status: SyncStatus.OTHER_POLICY, hello: { scope: 'council', digest: new Uint8Array(32).fill(3), signing: GossipSigning.UNKNOWN, since: 0, root: HASH } as any }))
      await ask()

      expect(told).to.deep.equal(['policy council 9', 'signing council', 'policy council 3'])
      expect(faults).to.be.empty()
    })

    it('tells of proposals that ended in another way there, and leaves them', async () => {
      const other = await network.add()
      const told: number[] = []

      await other.voting.join(scope.policy)
      ;(sync as any).init.onDisagreement = (scope: any, proposalId: number) => { told.push(proposalId) }

      const [split, common] = await makeProposals(2, voters[0], scope)
      await know(node, [split, common], [...await everyVote([split], voters, () => true), ...await everyVote([common], voters.slice(0, 1), () => true)])
      await know(other, [split, common], await everyVote([split], voters, () => false))
      await network.connect()
      await pWaitFor(async () => (await other.voting.get('council', common.proposal.proposalId)).tally.yes === 1)
      await synced(node)

      expect(told).to.deep.equal([split.proposal.proposalId])
      expect((await knowledge(node))[split.proposal.proposalId]).to.match(/reached true/)
      expect((await knowledge(other))[split.proposal.proposalId]).to.match(/reached false/)
    })

    it('does not mix two proposals of one id', async () => {
      const other = await network.add()
      await other.voting.join(scope.policy)

      const [ours, more] = await makeProposals(2, voters[0], scope)
      const [theirs] = await makeProposals(1, voters[0], scope, { proposalId: ours.proposal.proposalId, timestamp: now() - 100n * 3600n, expirationTimestamp: now() + 200n * 3600n })

      await know(node, [ours, more], await everyVote([ours], voters.slice(0, 1), () => true))
      await know(other, [theirs], await everyVote([theirs], voters.slice(1, 2), () => false))
      await network.connect()
      await pWaitFor(async () => Object.keys(await knowledge(other)).length === 2)
      await synced(node)

      expect(await node.voting.get('council', ours.proposal.proposalId)).to.deep.include({ tally: { yes: 1, no: 0 } })
      expect(await other.voting.get('council', ours.proposal.proposalId)).to.deep.include({ tally: { yes: 0, no: 1 } })
      expect(faults).to.be.empty()
    })
  })
})
