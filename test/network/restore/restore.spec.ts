import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { now } from '../../utils/messages.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { Council, expectNoDoubleVotes, lie, SCOPE, scopeOf } from './fixture.ts'
import type { TestNode, TestNodeInit } from '../../utils/nodes.ts'

describe('a node that was restored', function () {
  this.timeout(120_000)

  const folder = useTempFolder()
  let council: Council

  beforeEach(async () => {
    council = new Council(folder.path)
    await council.begin()
  })

  afterEach(async () => {
    await council.end()
    expectNoDoubleVotes()
  })

  /** The restored node, connected to others */
  async function start (others: TestNode[], init: TestNodeInit = {}): Promise<TestNode> {
    const node = await council.machine.start({ brought: true, ...init })

    if (node.voting.scopes().length === 0) {
      await node.voting.join(council.policy)
    }

    await council.meet(node, others)

    if (others.length > 0) {
      await council.known(node)
    }

    return node
  }

  it('is found where it was started more often than its locks were raised after the backup, before it met a member', async () => {
    await council.machine.copy(council.backup, 'store')
    await council.machine.copy(council.backup, 'locks')

    for (let starts = 0; starts < 5; starts++) {
      await council.machine.start({ brought: true })
      await council.machine.stop()
    }

    const found: string[] = []
    const node = await start([])

    node.voting.addEventListener('voting:restored', ({ detail: { reason } }) => { found.push(reason) })
    await council.meet(node, [council.members[0]])
    await council.known(node)

    await expect(node.voting.vote(SCOPE, council.voted, false)).to.eventually.be.rejectedWith(/was restored at/).with.property('name', 'NotSyncedError')
    expect(found).to.have.lengthOf(1)
    expect(found[0]).to.match(/a mark for count \d+ of its vote locks that was never theirs here/)

    // the others hold the same proofs, which are no news now
    await council.meet(node, council.others)
    await expect(node.voting.vote(SCOPE, council.voted, false)).to.eventually.be.rejectedWith(/has voted yes already/)
    await expect(node.voting.vote(SCOPE, council.free, false)).to.eventually.have.property('vote', false)
    expect(found).to.have.lengthOf(1)
  })

  it('is found where it has voted on new proposals among strangers, before it met a member', async () => {
    await council.machine.copy(council.backup, 'store')
    await council.machine.copy(council.backup, 'locks')

    // one that was not there before: it has no proof to give back
    const stranger = await council.network.add({ keyless: true, sync: { maxRequests: 1_000 } })

    await stranger.voting.join(council.policy)

    const node = await start([stranger])

    for (let votes = 0; votes < 4; votes++) {
      const { proposalId } = await node.voting.propose(SCOPE, { name: `new ${votes}`, timeoutSeconds: 3_600 })

      await node.voting.vote(SCOPE, proposalId, true)
    }

    expect(node.voting.ownLocks()).to.deep.equal({})
    await council.meet(node, [stranger, council.members[0]])
    await expect(node.voting.vote(SCOPE, council.voted, false)).to.eventually.be.rejectedWith(/was restored at/).with.property('name', 'NotSyncedError')
  })

  it('is still careful when it was started again twice, and says so for 30 days', async () => {
    await council.machine.copy(council.backup, 'store')
    await council.machine.lose('locks')

    const { voting } = await start([council.members[0]])

    // the member knows of the lost locks, too
    await expect(voting.vote(SCOPE, council.free, false)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')

    const { restoredAt } = voting.ownLocks()

    for (let restart = 0; restart < 2; restart++) {
      await council.machine.stop()

      const node = await start([council.members[0]])

      expect(node.voting.ownLocks()).to.deep.equal({ restoredAt })
      await expect(node.voting.vote(SCOPE, council.free, false)).to.eventually.be.rejectedWith(/was restored/).with.property('name', 'NotSyncedError')
    }

    await council.machine.stop()

    const later = await council.machine.start({ clock: () => restoredAt as bigint + 30n * 86_400n })

    expect(later.voting.ownLocks()).to.deep.equal({})
    await council.machine.stop()

    const node = await start(council.others)

    await expect(node.voting.vote(SCOPE, council.free, false)).to.eventually.have.property('vote', false)
  })

  it('votes on what is proposed later without asking anybody, and on the rest with force', async () => {
    await council.machine.copy(council.backup, 'store')
    await council.machine.lose('locks')

    const node = await start([council.members[0]])

    // the member may give back a proof by which the node is found to be restored again
    await (node.voting as any).parts.sync.idle(scopeOf(node))
    // what is proposed within the skew may be older
    await pWaitFor(() => now() > (node.voting.ownLocks().restoredAt ?? now()) + 1n, { timeout: 20_000 })

    const { proposalId } = await council.members[0].voting.propose(SCOPE, { name: 'later', timeoutSeconds: 3_600 })

    await pWaitFor(async () => node.voting.get(SCOPE, proposalId).then(() => true, () => false), { timeout: 20_000 })
    await expect(node.voting.vote(SCOPE, proposalId, false)).to.eventually.have.property('vote', false)
    await expect(node.voting.vote(SCOPE, council.free, false)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')
    await expect(node.voting.vote(SCOPE, council.free, false, { force: true })).to.eventually.have.property('vote', false)
  })

  it('is found out on both machines where vote locks were copied to a second one', async () => {
    const first = await start([])
    const found: string[] = []

    await council.backup.lose('store')
    await council.backup.copy(council.machine, 'locks')
    first.voting.addEventListener('voting:restored', ({ detail: { reason } }) => { found.push(`first: ${reason}`) })

    const second = await council.backup.start({ brought: true })

    second.voting.addEventListener('voting:restored', ({ detail: { reason } }) => { found.push(`second: ${reason}`) })
    await second.voting.join(council.policy)
    await council.meet(first, council.others)
    await first.voting.vote(SCOPE, council.free, true)
    await council.meet(second, council.others)
    await council.known(second)
    await expect(second.voting.vote(SCOPE, council.free, false)).to.eventually.be.rejected()
    await pWaitFor(() => ['first: ', 'second: '].every(machine => found.some(reason => reason.startsWith(machine))), { timeout: 60_000 })
  })

  it('asks a member anew once it was resumed from a snapshot, where the time has moved and the process has not', async () => {
    let moved = 0
    const node = await start([council.members[0]], { clock: () => BigInt(Math.floor(Date.now() / 1_000) + moved) })

    // what it was told before is of no account
    await pWaitFor(() => node.voting.scopes()[0].synced, { timeout: 20_000 })
    await council.members[0].libp2p.stop()
    await pWaitFor(() => node.voting.scopes()[0].peers.length === 0, { timeout: 20_000 })
    moved = 60
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.be.rejectedWith(/runs without a break since .*No peer is in the scope/).with.property('name', 'NotSyncedError')
    await council.meet(node, [council.stranger])
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.be.rejectedWith(/No peer here can be asked/).with.property('name', 'NotSyncedError')
    await council.members[0].libp2p.start()
    await council.meet(node, [council.members[0], council.stranger])
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.have.property('vote', true)
  })

  it('votes at all only while its vote locks can be used, and says why it does not', async () => {
    const node = await start(council.others)
    const counter = join(council.machine.locks, Buffer.from(node.signer.identity).toString('hex'), 'counter')
    const problems: Array<string | undefined> = []

    node.voting.addEventListener('voting:locks', ({ detail: { problem } }) => { problems.push(problem) })
    await rename(counter, `${counter}.away`)
    await writeFile(counter, 'no folder')
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.be.rejectedWith(/counter of vote locks .* cannot be read/).with.property('name', 'VoteLockError')
    await expect(node.voting.propose(SCOPE, { name: 'Go?' })).to.eventually.be.rejected.with.property('name', 'VoteLockError')
    expect(node.voting.ownLocks().problem).to.match(/no vote is signed/)
    expect(problems).to.have.lengthOf(1)
    await rm(counter)
    await rename(`${counter}.away`, counter)
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.have.property('vote', true)
    expect(problems).to.deep.equal([problems[0], undefined])
    expect(node.voting.ownLocks()).to.deep.equal({})
  })

  it('believes no member that says so without a signature of its own key', async () => {
    const [liar, honest] = council.members
    lie(liar)

    const node = await start([liar])

    // what it says of our key cannot be verified, so that it does not count for one that was asked
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')
    await council.meet(node, [liar, honest])
    // one member is enough where nothing was restored
    await expect(node.voting.vote(SCOPE, council.free, true)).to.eventually.have.property('vote', true)
    expect(node.voting.ownLocks()).to.deep.equal({})
  })
})
