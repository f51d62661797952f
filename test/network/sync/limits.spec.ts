import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeProposal } from '../../../src/consensus/proposal/proposal.ts'
import { dayOf } from '../../../src/consensus/storage/interface.ts'
import { voteSetHash } from '../../../src/consensus/vote/vote-set.ts'
import { encodeVote } from '../../../src/consensus/vote/vote.ts'
import { BATCH_SIZE, MAX_FRAME_LENGTH, MAX_SYNC_LENGTH, PAGE_LENGTH, SYNC_PROTOCOL } from '../../../src/network/sync/constants.ts'
import { PageKind, SyncRequest, SyncResponse, SyncStatus } from '../../../src/pb/sync.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { helloFor, Liar } from '../../utils/liar.ts'
import { makeVote } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { know, makeProposals, scopeOf } from '../../utils/sync.ts'
import type { Proposal, Vote } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { Lie } from '../../utils/liar.ts'
import type { TestNode, TestNodeInit } from '../../utils/nodes.ts'
import type { Stream } from '@libp2p/interface'

const HASH = new Uint8Array(32).fill(9)

/** Milliseconds between two bytes or frames of a peer that lets them drip */
const DRIP = 50

/** More than lies between two peers of what was sent and has not been taken: windows of yamux, and the buffers on the way */
const ON_THE_WAY = 2 * 1024 * 1024

interface Offer {
  proposal: Proposal
  signature: Uint8Array
  votes: Vote[]
}

describe('limits of sync', function () {
  this.timeout(120_000)

  const voters = Array.from({ length: 50 }, () => ethereumSigner(generatePrivateKey()))
  let network: TestNetwork
  let liar: Liar
  let node: TestNode
  let scope: JoinedScope
  let sync: any
  let faults: string[]

  beforeEach(async () => {
    network = new TestNetwork()
    liar = await Liar.create()
    faults = []
  })

  afterEach(async () => {
    await network.stop()
    await liar.stop()
  })

  async function start (options: TestNodeInit['sync'] = {}): Promise<void> {
    node = await network.add({ sync: options })
    await node.voting.join(policyOf([], { voters: voters.map(({ identity }) => identityToAddress(identity)) }))
    scope = scopeOf(node)
    sync = (node.voting as any).parts.sync
    node.voting.addEventListener('voting:fault', ({ detail }) => { faults.push(detail.reason) })
    await node.libp2p.dial(liar.libp2p.getMultiaddrs())
  }

  /** Has the node sync with the liar, and resolves when that is over */
  async function ask (): Promise<void> {
    const { begun } = sync.stats

    sync.driver.request(scope, liar.libp2p.peerId)
    await pWaitFor(() => sync.stats.begun > begun && sync.driver.running.size === 0, { timeout: 60_000 })
  }

  async function servedAll (): Promise<void> {
    await pWaitFor(() => sync.served.size === 0, { timeout: 20_000 })
  }

  function isTrusted (): boolean {
    return sync.driver.init.isTrusted(liar.libp2p.peerId)
  }

  async function offer (count = 1, votesEach = 0): Promise<Offer[]> {
    const proposals = await makeProposals(count, voters[0], scope)

    return Promise.all(proposals.map(async known => ({
      ...known,
      votes: await Promise.all(voters.slice(0, votesEach).map(async (voter, index) => makeVote(voter, known.proposal, index % 2 === 0)))
    })))
  }

  /** Lists what is offered as it is, and answers what is asked for of it as `deliver` says */
  async function tell (offers: Offer[], deliver: (request: SyncRequest) => Lie | Promise<Lie>): Promise<void> {
    const day = dayOf(offers[0].proposal)
    const sorted = [...offers].sort((a, b) => a.proposal.proposalId - b.proposal.proposalId)
    const summaries = sorted.map(({ proposal, votes }) => ({ proposalId: proposal.proposalId, digest: announcementDigest(scope.policy, proposal) as any, entry: voteSetHash(votes) as any, flags: 0 }))

    await liar.answer(scope, async request => {
      if (request.days != null) {
        return { days: { days: [{ day, digest: HASH }] } }
      }

      if (request.summaries != null) {
        return { summaries: { days: [{ day, summaries }] } }
      }

      return request.pull != null || request.next != null ? deliver(request) : undefined
    })
  }

  function delivery ({ proposal, signature, votes }: Offer, sent = votes): any {
    return {
      proposalId: proposal.proposalId,
      announcement: { proposal: encodeProposal(proposal), signature },
      holding: { have: scope.haveSets.of(votes).encode(), entry: voteSetHash(votes), flags: 0 },
      votes: sent.map(encodeVote)
    }
  }

  describe('in time', () => {
    it('leaves a peer alone whose frame comes byte by byte and takes longer than a frame may', async () => {
      await start({ frameTimeout: 500 })

      const dripping: Stream[] = []

      await liar.libp2p.handle(SYNC_PROTOCOL, stream => {
        dripping.push(stream)
        // the length of a frame of 255 bytes
        stream.send(Uint8Array.of(0xff, 0x01))
      })

      const timer = setInterval(() => { drip(dripping) }, DRIP)

      try {
        await ask()
      } finally {
        clearInterval(timer)
      }

      expect(dripping).to.have.length(1)
      expect(sync.stats).to.include({ begun: 1, completed: 0, faults: 0 })
      expect(isTrusted()).to.equal(false)
    })

    it('makes one attempt of bounded length at a peer whose pages come in time, each, and never end, and leaves it alone for a while', async () => {
      await start({ frameTimeout: 5_000, syncTimeout: 1_000 })

      let [day, pages] = [0, 0]

      await liar.answer(scope, async ({ hello }) => {
        if (hello == null) {
          await new Promise(resolve => { setTimeout(resolve, DRIP) })
          pages++

          return { more: true, days: { days: [{ day: day++, digest: HASH }] } }
        }
      })
      await ask()

      expect(pages).to.be.within(1, 1_000 / DRIP)
      expect(faults).to.be.empty()
      expect(isTrusted()).to.equal(false)
    })

    it('answers one that lets its requests drip for as long as a sync may take, and then no more for a while', async () => {
      await start({ frameTimeout: 5_000, syncTimeout: 1_000 })

      const asking = await liar.ask(node, scope)
      let answers = 0

      await expect((async () => {
        for (;;) {
          expect((await asking.request({ summaries: { days: [] } })).status).to.equal(SyncStatus.OK)
          answers++
          await new Promise(resolve => { setTimeout(resolve, DRIP) })
        }
      })()).to.eventually.be.rejected()
      await servedAll()

      expect(answers).to.be.within(1, 1_000 / DRIP)
      expect(await (await liar.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.BUSY })
      expect(faults).to.be.empty()
    })

    it('does not wait for one that asks and does not read, and keeps little for it', async () => {
      await start({ frameTimeout: 500 })

      const proposals = await makeProposals(BATCH_SIZE, voters[0], scope, { payload: new Uint8Array(30_000) })
      const { storage } = node.voting.consensus
      const getSession = storage.getSession.bind(storage)
      const asking = await liar.ask(node, scope)
      const { stream } = asking
      const outcomes: string[] = []
      let reads = 0

      await know(node, proposals)
      storage.getSession = async (...args) => {
        reads++

        return getSession(...args)
      }
      sync.init.onSync = (outcome: string) => { outcomes.push(outcome) }
      stream.pause()
      sendRequest(stream, { pull: { wants: proposals.map(({ proposal }) => ({ proposalId: proposal.proposalId, announcement: true, votes: true, have: new Uint8Array() })) } })

      // all its pages, of four proposals each
      for (let page = 1; page < BATCH_SIZE / 4; page++) {
        sendRequest(stream, { next: { of: PageKind.DELIVERIES } })
      }

      await servedAll()
      expect(outcomes).to.deep.equal(['broken off'])
      expect(reads).to.be.within(2, ON_THE_WAY / 30_000)
      expect(faults).to.be.empty()
      stream.abort(new Error('enough'))
    })
  })

  describe('in length', () => {
    it('takes no more of a peer in one sync than it may send', async () => {
      await start()

      const perPage = 2_800
      const page = (first: number): Lie => ({
        more: true,
        summaries: { days: [{ day: 2, summaries: Array.from({ length: perPage }, (_, index) => ({ proposalId: first + index, digest: HASH, entry: HASH, flags: 3 })) }] }
      })
      let [pages, next] = [0, 1]

      await liar.answer(scope, ({ hello, days }) => {
        if (hello != null) {
          return
        }

        if (days != null) {
          return { days: { days: [{ day: 2, digest: HASH }] } }
        }

        const lie = page(next)

        next += perPage
        pages++

        return lie
      })
      await ask()

      const pageLength = SyncResponse.encode({ status: SyncStatus.OK, ...(page(1) as Partial<SyncResponse>) } as SyncResponse).byteLength

      expect(pageLength).to.be.within(MAX_FRAME_LENGTH / 2, MAX_FRAME_LENGTH)
      expect(pages).to.be.within(MAX_SYNC_LENGTH / MAX_FRAME_LENGTH, MAX_SYNC_LENGTH / pageLength + 2)
      expect(sync.stats.bytesIn).to.be.within(MAX_SYNC_LENGTH - MAX_FRAME_LENGTH, MAX_SYNC_LENGTH + MAX_FRAME_LENGTH)
      expect(faults).to.be.empty()
      expect(isTrusted()).to.equal(false)
    })

    it('gives a peer no more in one sync than may be sent, though it asks for what there is, and tells it to come again', async () => {
      await start()

      const proposals = await makeProposals(1_100, voters[0], scope, { payload: new Uint8Array(32 * 1024) })
      const asking = await liar.ask(node, scope)
      let [bytes, status, asked] = [0, SyncStatus.OK, 0]
      const ids = proposals.map(({ proposal }) => proposal.proposalId)
      const request = async (request: Partial<SyncRequest>): Promise<SyncResponse> => {
        const response = await asking.request(request)

        bytes += SyncResponse.encode(response).byteLength
        status = response.status

        return response
      }

      await know(node, proposals)

      for (let list = await request({ summaries: { days: [dayOf(proposals[0].proposal)] } }); list.more;) {
        list = await request({ next: { of: PageKind.LISTING } })
      }

      while (status === SyncStatus.OK) {
        const wants = [...ids, ...ids].slice(asked % ids.length, asked % ids.length + BATCH_SIZE).map(proposalId => ({ proposalId, announcement: true, votes: false, have: new Uint8Array() }))

        asked += BATCH_SIZE

        for (let page = await request({ pull: { wants } }); page.more && status === SyncStatus.OK;) {
          page = await request({ next: { of: PageKind.DELIVERIES } })
        }
      }

      expect(status).to.equal(SyncStatus.BUSY)
      expect(bytes).to.be.within(MAX_SYNC_LENGTH - MAX_FRAME_LENGTH, MAX_SYNC_LENGTH)
      await asking.stream.close()
      await servedAll()
      expect(await (await liar.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.BUSY })
      expect(faults).to.be.empty()
    })
  })

  describe('in pages', () => {
    const endless: Array<[string, RegExp, (offer: Offer) => Lie[]]> = [
      ['what it has sent before', /sent twice what it has/, offer => [{ more: true, deliveries: { deliveries: [delivery(offer)] } }]],
      ['votes that it has sent before', /not asked for/, offer => [
        { more: true, deliveries: { deliveries: [delivery(offer)] } },
        { more: true, deliveries: { deliveries: [{ ...delivery(offer), announcement: undefined, holding: undefined }] } }
      ]],
      ['nothing of the proposal', /a page with nothing of it/, offer => [
        { more: true, deliveries: { deliveries: [delivery(offer)] } },
        { more: true, deliveries: { deliveries: [{ proposalId: offer.proposal.proposalId, votes: [] }] } }
      ]],
      ['nothing at all', /nothing on it that is not the last/, offer => [
        { more: true, deliveries: { deliveries: [delivery(offer)] } },
        { more: true, deliveries: { deliveries: [] } }
      ]]
    ]

    endless.forEach(([what, reason, lies]) => {
      it(`blames a peer whose deliveries go on without end with ${what}`, async () => {
        await start({ maxFrames: 40 })

        const [offered] = await offer(1, 2)
        let page = 0

        await tell([offered], () => {
          const told = lies(offered)

          return told[Math.min(page++, told.length - 1)]
        })
        await ask()

        expect(faults).to.have.length(1)
        expect(faults[0]).to.match(reason)
        // one was asked for ahead
        expect(page).to.be.at.most(3)
        expect(isTrusted()).to.equal(false)
      })
    })

    const wrong: Array<[string, RegExp, (offer: Offer) => any[]]> = [
      ['a proposal twice on one page', /sent twice what it has/, offer => [delivery(offer), delivery(offer)]],
      ['a proposal, and does not say what it has of it', /did not say what it has/, offer => [{ ...delivery(offer), holding: undefined }]],
      ['votes before it says what it has', /did not say what it has/, offer => [{ ...delivery(offer), announcement: undefined, holding: undefined }, delivery(offer, [])]]
    ]

    wrong.forEach(([what, reason, lie]) => {
      it(`blames a peer that delivers ${what}`, async () => {
        await start({ maxFrames: 40 })

        const [offered] = await offer(1, 2)

        await tell([offered], () => ({ deliveries: { deliveries: lie(offered) } }))
        await ask()

        expect(faults).to.have.length(1)
        expect(faults[0]).to.match(reason)
        expect(isTrusted()).to.equal(false)
      })
    })
  })

  describe('in memory', () => {
    it('reads no more for a peer than the page it makes and one proposal, of the list and of what is on it', async () => {
      await start()

      const count = 2_000
      const proposals = await makeProposals(count, voters[0], scope, { payload: new Uint8Array(1_000) })
      const { storage } = node.voting.consensus
      const getSession = storage.getSession.bind(storage)
      const entries = sync.index.entries.bind(sync.index)
      const asking = await liar.ask(node, scope)
      let [listed, read] = [0, 0]

      await know(node, proposals)
      await sync.index.summary(scope, 0)
      sync.index.entries = async function * (...args: any[]) {
        for await (const entry of entries(...args)) {
          listed++
          yield entry
        }
      }
      storage.getSession = async (...args) => {
        read++

        return getSession(...args)
      }

      let list = await asking.request({ summaries: { days: [dayOf(proposals[0].proposal)] } })
      let given = summariesOn(list)

      while (list.more) {
        expect(SyncResponse.encode(list).byteLength).to.be.at.most(PAGE_LENGTH)
        expect(listed).to.equal(given + 1)
        list = await asking.request({ next: { of: PageKind.LISTING } })
        given += summariesOn(list)
      }

      expect([given, listed]).to.deep.equal([count, count])

      let page = await asking.request({ pull: { wants: proposals.slice(0, BATCH_SIZE).map(({ proposal }) => ({ proposalId: proposal.proposalId, announcement: true, votes: true, have: new Uint8Array() })) } })
      let delivered = page.deliveries?.deliveries.length ?? 0

      expect(page.more).to.equal(true)

      while (page.more) {
        expect(SyncResponse.encode(page).byteLength).to.be.at.most(PAGE_LENGTH)
        expect(read).to.equal(delivered + 1)
        page = await asking.request({ next: { of: PageKind.DELIVERIES } })
        delivered += page.deliveries?.deliveries.length ?? 0
      }

      expect([delivered, read]).to.deep.equal([BATCH_SIZE, BATCH_SIZE])
    })

    it('takes one page of a peer while it stores another, and asks for so many proposals together', async () => {
      await start()

      const offers = await offer(300, 4)
      const byId = new Map(offers.map(offer => [offer.proposal.proposalId, offer]))
      const { storage } = node.voting.consensus
      const saveSession = storage.saveSession.bind(storage)
      const free = pDefer()
      const wanted: number[] = []
      let [storing, pages, given] = [false, 0, 0]
      let rest: any[] = []

      storage.saveSession = async (...args) => {
        storing = true
        await free.promise

        return saveSession(...args)
      }
      await tell(offers, ({ pull }) => {
        if (pull != null) {
          wanted.push(pull.wants.length)
          rest = pull.wants.map(({ proposalId }) => delivery(byId.get(proposalId) as Offer))
        }

        const deliveries = rest.splice(0, 10)

        pages++
        given += deliveries.length

        return { more: rest.length > 0, deliveries: { deliveries } }
      })

      const asked = ask()

      try {
        await pWaitFor(() => storing && pages >= 2, { timeout: 10_000 })
        // there and back again on the same connection, which whatever was sent before it would be ahead of
        await (await liar.open(node)).request({ hello: helloFor(scope) })
        expect([pages, given]).to.deep.equal([2, 20])
      } finally {
        free.resolve()
      }

      await asked
      expect(wanted).to.deep.equal([BATCH_SIZE, BATCH_SIZE, 300 - 2 * BATCH_SIZE])
      // as many as one of 50 proposers may have under way, the others another time
      expect(sync.stats).to.include({ proposals: 20, votes: 80, completed: 1, faults: 0 })
    })
  })

  it('answers others while a peer has asked as often as it may', async () => {
    await start()

    const other = await Liar.create()

    try {
      for (let times = 0; times < 5; times++) {
        const { stream } = await liar.ask(node, scope)

        await stream.close()
        await servedAll()
      }

      expect(await (await liar.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.BUSY })
      // it does not help to come by another connection
      await Promise.all(liar.libp2p.getConnections().map(async connection => connection.close()))
      expect(await (await liar.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.BUSY })
      expect(await (await other.open(node)).request({ hello: helloFor(scope) })).to.include({ status: SyncStatus.OK })
    } finally {
      await other.stop()
    }
  })

  function drip (streams: Stream[]): void {
    for (const stream of streams) {
      if (stream.status === 'open') {
        stream.send(Uint8Array.of(0))
      }
    }
  }

  function sendRequest (stream: Stream, request: Partial<SyncRequest>): void {
    const frame = SyncRequest.encode(request as SyncRequest)
    const length = frame.byteLength < 128 ? [frame.byteLength] : [frame.byteLength & 0x7f | 0x80, frame.byteLength >> 7]

    stream.send(Uint8Array.from([...length, ...frame]))
  }

  function summariesOn ({ summaries }: SyncResponse): number {
    return summaries?.days.reduce((sum, day) => sum + day.summaries.length, 0) ?? 0
  }
})
