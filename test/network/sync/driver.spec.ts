import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { systemClock } from '../../../src/consensus/clock.ts'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { PolicyMismatches } from '../../../src/network/gossip/policy-mismatch.ts'
import { JoinedScope } from '../../../src/network/scope/scope.ts'
import { SyncDriver } from '../../../src/network/sync/driver.ts'
import type { SyncEnd } from '../../../src/network/sync/client.ts'
import type { DriverInit } from '../../../src/network/sync/driver.ts'
import type { PeerId } from '@libp2p/interface'
import type { DeferredPromise } from 'p-defer'

interface Begun {
  scope: JoinedScope
  peer: PeerId
  signal: AbortSignal
  end: DeferredPromise<SyncEnd | undefined>
}

describe('sync driver', () => {
  let peers: PeerId[]
  let begun: Begun[]
  let driver: SyncDriver
  const drivers: SyncDriver[] = []
  const scopes: JoinedScope[] = []
  let scope: JoinedScope
  let time: bigint
  let distrusted: PeerId | undefined
  let served: PeerId | undefined
  let last: PeerId | undefined

  before(async () => {
    peers = await Promise.all(Array.from({ length: 12 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
    peers.sort((a, b) => a.toString() < b.toString() ? -1 : 1)
  })

  function makeScope (name: string, subscribers: PeerId[]): JoinedScope {
    const scope = new JoinedScope({ pubsub: { getSubscribers: () => subscribers } as any, otherPolicies: new PolicyMismatches(() => true), clock: systemClock, isConnected: () => true }, parsePolicy({ name, decisionRule: 'reference' }))

    scopes.push(scope)

    return scope
  }

  function make (init: Partial<DriverInit> = {}): void {
    driver = new SyncDriver({
      peerId: peers[0],
      clock: () => time,
      interval: 1e6,
      isTrusted: peer => peer !== distrusted,
      isLast: peer => peer === last,
      isServed: peer => peer === served,
      sync: async (scope, peer, signal) => {
        const end = pDefer<SyncEnd | undefined>()

        signal.addEventListener('abort', () => { end.resolve(undefined) })
        begun.push({ scope, peer, signal, end })

        return end.promise
      },
      ...init
    })
    drivers.push(driver)
  }

  beforeEach(() => {
    begun = []
    time = 1000n
    distrusted = undefined
    served = undefined
    last = undefined
    scope = makeScope('council', [])
    make()
  })

  afterEach(async () => {
    scopes.splice(0).forEach(scope => { scope.close(new Error('stopped')) })
    await Promise.all(drivers.splice(0).map(async driver => driver.stop()))
  })

  async function ends (index: number, end: SyncEnd | 'failed' = 'complete'): Promise<void> {
    begun[index].end.resolve(end === 'failed' ? undefined : end)
    await pWaitFor(() => !(driver as any).running.has(`${begun[index].peer}`) || begun.length > index + 1)
  }

  it('begins with the peers that are there, a few at a time, and those it trusts', async () => {
    distrusted = peers[3]
    const others = peers.slice(1, 7)

    driver.enter(makeScope('council', others))
    expect(begun).to.have.length(4)
    begun.slice(0, 4).forEach(({ end }) => { end.resolve('complete') })
    await pWaitFor(() => begun.length === 5)

    expect(new Set(begun.map(({ peer }) => peer))).to.deep.equal(new Set(others.filter(peer => peer !== peers[3])))
  })

  it('asks a peer that did not deliver after the others', async () => {
    last = peers[1]
    driver.enter(makeScope('council', peers.slice(1, 9)))
    begun.slice(0, 4).forEach(({ end }) => { end.resolve('complete') })
    await pWaitFor(() => begun.length === 8)

    expect(begun.slice(0, 7).map(({ peer }) => peer)).to.not.include(peers[1])
    expect(begun[7].peer).to.equal(peers[1])
  })

  it('has one sync at a time with a peer, and another after it if something has come up', async () => {
    const senate = makeScope('senate', [])

    driver.enter(scope)
    driver.enter(senate)
    driver.request(scope, peers[1])
    driver.request(scope, peers[1])
    driver.request(senate, peers[1])
    driver.request(scope, peers[1])
    expect(begun).to.have.length(1)

    await ends(0)
    await pWaitFor(() => begun.length === 2)
    await ends(1)
    await pWaitFor(() => begun.length === 3)
    await ends(2)

    expect(begun.map(({ scope }) => scope.name).sort()).to.deep.equal(['council', 'council', 'senate'])
    expect((driver as any).running.size + (driver as any).queue.size).to.equal(0)
  })

  it('has one more for a deadline, though slow peers keep all others', async () => {
    driver.enter(scope)
    peers.slice(1, 6).forEach(peer => { driver.request(scope, peer) })
    expect(begun).to.have.length(4)

    driver.request(scope, peers[6], true)
    driver.request(scope, peers[7], true)
    expect(begun.map(({ peer }) => peer)).to.deep.equal([...peers.slice(1, 5), peers[6]])

    // what is urgent comes first, when what is not leaves room for it
    await ends(4)
    await pWaitFor(() => begun.length === 6)
    expect(begun[5].peer).to.equal(peers[7])
  })

  it('gives others their turn when a sync takes long, and goes on with it afterwards', async () => {
    make({ slice: 20 })
    driver.enter(scope)
    distrusted = peers[2]
    peers.slice(1, 6).forEach(peer => { driver.request(scope, peer) })
    expect(begun).to.have.length(4)

    await pWaitFor(() => begun.length === 6)
    // the second has brought nothing in its time, and is not asked again
    expect(begun.map(({ peer }) => peer)).to.deep.equal([...peers.slice(1, 6), peers[1]])
    expect(begun.map(({ signal }) => signal.aborted)).to.deep.equal([true, true, false, false, false, false])
    expect((driver as any).queue.size).to.equal(0)
  })

  it('has members go first, and strangers leave room for them', async () => {
    const council = new JoinedScope(
      { pubsub: { getSubscribers: () => peers.slice(1) } as any, otherPolicies: new PolicyMismatches(() => true), clock: () => time, isConnected: () => true },
      parsePolicy({ name: 'council', voters: peers.map((_, index) => `0x${index.toString(16).padStart(40, '0')}`) })
    )
    const [first, second] = [peers[10], peers[11]]

    scopes.push(council)

    for (const [index, peer] of [[10, first], [11, second]] as const) {
      const voter = new Uint8Array(20)

      voter[19] = index
      council.members.add(peer, { voter, issued: time, expires: time + 100n, count: 0n, mark: new Uint8Array(16), signature: new Uint8Array(65) })
    }

    driver.enter(council)
    await pWaitFor(() => begun.length === 4)
    // two of nine strangers, though there is room for four syncs
    expect(begun.slice(0, 2).map(({ peer }) => peer)).to.have.members([first, second])

    driver.request(council, first)
    await ends(0)
    await ends(1)
    await pWaitFor(() => begun.length === 5)
    expect(begun[4].peer).to.equal(first)
    expect((driver as any).running.size).to.equal(3)
    expect(council.synced).to.equal(true)
  })

  it('tells when a sync is completed that began late enough', async () => {
    const done: string[] = []

    driver.enter(scope)
    void driver.completed(scope).then(() => done.push('any'))
    void driver.completed(scope, 1005n).then(() => done.push('later'))
    driver.request(scope, peers[1])
    expect(driver.hasCompleted(scope)).to.equal(false)
    expect(scope.synced).to.equal(false)

    time = 1010n
    await ends(0)
    await pWaitFor(() => done.length === 1)
    expect(done).to.deep.equal(['any'])
    expect(driver.hasCompleted(scope, 1000n)).to.equal(true)
    expect(scope.synced).to.equal(true)
    expect(driver.hasCompleted(scope, 1005n)).to.equal(false)

    driver.request(scope, peers[1])
    await ends(1, 'failed')
    driver.request(scope, peers[1])
    await ends(2, 'elsewhere')
    expect(done).to.deep.equal(['any'])

    driver.request(scope, peers[1])
    await ends(3)
    await pWaitFor(() => done.length === 2)
    await driver.completed(scope, 1005n)
  })

  it('tells when a sync with a peer that counts is completed from now on', async () => {
    const done: string[] = []

    driver.enter(scope)
    driver.request(scope, peers[1])
    await ends(0)
    void driver.completed(scope, 1000n, { counts: peer => peer === peers[2] }).then(() => done.push('counts'))
    void driver.completed(scope, 1000n).then(() => done.push('any'))

    driver.request(scope, peers[1])
    await ends(1)
    expect(done).to.deep.equal(['any'])

    driver.request(scope, peers[2])
    await ends(2)
    await pWaitFor(() => done.length === 2)
  })

  it('asks every peer that it is given, and tells when all of these syncs have ended, however they did', async () => {
    distrusted = peers[9]
    make({ busyDelay: 5 })
    driver.enter(scope)
    driver.request(scope, peers[1])
    let isDone = false
    const asked = driver.requestAll(scope, [...peers.slice(1, 4), peers[9]]).then(() => { isDone = true })

    await ends(1, 'failed')
    await ends(2)
    // the one that was under way does not count
    await ends(0)
    await pWaitFor(() => begun.length === 4)
    expect(begun.map(({ peer }) => peers.indexOf(peer))).to.deep.equal([1, 2, 3, 1])
    await ends(3, 'busy')
    await pWaitFor(() => begun.length === 5)
    expect(isDone).to.equal(false)

    begun[4].end.resolve('elsewhere')
    await asked
  })

  it('does not wait for the answers of all when told so, or when the scope is left', async () => {
    driver.enter(scope)
    await expect(driver.requestAll(scope, [peers[1]], { signal: AbortSignal.abort(new Error('enough')) })).to.eventually.be.rejectedWith('enough')
    const asked = driver.requestAll(scope, [peers[2]])

    scope.close(new Error('left'))
    await expect(asked).to.eventually.be.rejectedWith('left')
    await expect(driver.requestAll(scope, [])).to.eventually.be.rejected()
  })

  it('lets nobody wait for a scope that is left, or longer than they want', async () => {
    const controller = new AbortController()

    driver.enter(scope)
    const waiting = driver.completed(scope)
    const impatient = driver.completed(scope, 0n, { signal: controller.signal })

    controller.abort(new Error('enough'))
    await expect(impatient).to.eventually.be.rejectedWith('enough')

    driver.request(scope, peers[1])
    scope.close(new Error('left'))
    await expect(waiting).to.eventually.be.rejectedWith('left')
    expect(begun[0].signal.aborted).to.equal(true)
    await expect(driver.completed(scope)).to.eventually.be.rejectedWith('left')
    await expect(driver.completed(makeScope('lobby', []))).to.eventually.be.rejectedWith(/not entered/)

    driver.request(scope, peers[2])
    expect(begun).to.have.length(1)
  })

  it('asks a busy peer again after a while', async () => {
    make({ busyDelay: 5 })
    driver.enter(scope)
    driver.request(scope, peers[1])
    await ends(0, 'busy')
    await pWaitFor(() => begun.length === 2)
    expect(driver.hasCompleted(scope)).to.equal(false)
  })

  it('asks now and then though nothing happens', async () => {
    make({ interval: 5 })
    driver.enter(makeScope('council', [peers[1]]))

    await pWaitFor(() => {
      begun.forEach(({ end }) => { end.resolve('complete') })

      return begun.length === 4
    }, { interval: 2 })
  })

  it('passes on what it was taught: at once to the others, then in one go to all', async () => {
    make({ teachInterval: 100 })
    const subscribers: PeerId[] = []
    const council = makeScope('council', subscribers)

    driver.enter(council)
    subscribers.push(peers[1], peers[2], peers[3])
    driver.taught(council, peers[1])
    expect(new Set(begun.map(({ peer }) => peer))).to.deep.equal(new Set([peers[2], peers[3]]))
    begun.forEach(({ end }) => { end.resolve('complete') })

    for (const teacher of [peers[2], peers[3], peers[2], peers[3]]) {
      driver.taught(council, teacher)
    }

    expect(begun).to.have.length(2)
    await pWaitFor(() => begun.length === 5)
    expect(new Set(begun.slice(2).map(({ peer }) => peer))).to.deep.equal(new Set([peers[1], peers[2], peers[3]]))
  })

  it('goes first with a peer that meets it, or lets it go first', async () => {
    driver.enter(scope)
    driver.met(scope, peers[1])
    await pWaitFor(() => begun.length === 1)
    expect(begun[0].peer).to.equal(peers[1])

    make({ peerId: peers[5] })
    driver.enter(scope)
    driver.met(scope, peers[1])
    driver.met(scope, peers[6])
    await pWaitFor(() => begun.length === 3)
    expect(begun.slice(1).map(({ peer }) => peer)).to.deep.equal([peers[6], peers[1]])
  })

  it('lets a peer that meets it end its sync before it begins one', async () => {
    make({ peerId: peers[5] })
    driver.enter(scope)
    served = peers[1]
    driver.met(scope, peers[1])
    // whoever is not served is not waited for, and would have been begun with later
    driver.met(scope, peers[2])
    await pWaitFor(() => begun.length > 0)
    expect(begun.map(({ peer }) => peer)).to.deep.equal([peers[2]])

    served = undefined
    await pWaitFor(() => begun.length === 2)
    expect(begun[1].peer).to.equal(peers[1])
  })

  it('begins one sync with a peer that meets it again and again', async () => {
    let asked = 0

    make({ peerId: peers[5], isServed: () => { asked++; return false } })
    driver.enter(scope)

    for (let i = 0; i < 1_000; i++) {
      driver.met(scope, peers[1])
    }

    await pWaitFor(() => begun.length === 1)
    expect(asked).to.equal(1)

    begun[0].end.resolve('complete')
    driver.met(scope, peers[1])
    await pWaitFor(() => begun.length === 2)
  })

  it('asks nobody again after a while who syncs with it', async () => {
    const council = makeScope('council', [peers[1], peers[2]])

    served = peers[1]
    make({ interval: 20 })
    driver.enter(council)
    await pWaitFor(() => {
      begun.forEach(({ end }) => { end.resolve('complete') })

      return begun.length >= 4
    })
    expect(new Set(begun.slice(2).map(({ peer }) => peer))).to.deep.equal(new Set([peers[2]]))
  })

  it('leaves no timer behind when it stops', async () => {
    driver.enter(scope)
    driver.met(scope, peers[1])
    driver.taught(scope)
    driver.request(scope, peers[2])

    const { timers } = (driver as any).members.get(scope.key)

    expect(timers.size).to.equal(3)
    scope.close(new Error('stopped'))
    await driver.stop()
    expect(timers.size).to.equal(0)
    expect((driver as any).running.size).to.equal(0)
  })
})
