import { expect } from 'aegir/chai'
import { Random } from '../../scripts/fuzz/random.ts'
import { identityOf } from '../../scripts/simulate/scheme.ts'
import { Disk, SimulatedStorage, SimulatedVoteLock } from '../../scripts/simulate/storage.ts'
import { SimulatedTime } from '../../scripts/simulate/time.ts'
import { castBound, quorumSession, withVotes } from '../consensus/fixtures/quorum.ts'
import type { ConsensusSession } from '../../src/consensus/index.ts'

const SCOPE = 'council'

/** Milliseconds that a sync takes */
const SYNC_TIME = 10

describe('simulated storage', () => {
  let time: SimulatedTime
  let disk: Disk
  let isRunning: boolean
  let storage: SimulatedStorage
  /** Without votes, and with one, two and three */
  let sessions: ConsensusSession[]

  beforeEach(async () => {
    const session = quorumSession(5)

    time = new SimulatedTime(0)
    disk = new Disk(time, () => SYNC_TIME)
    isRunning = true
    storage = await SimulatedStorage.open(disk, () => isRunning)
    sessions = [session, await withVotes(session, 1), await withVotes(session, 1, 2), await withVotes(session, 1, 2, 3)]
    await passing(storage.saveSession(SCOPE, session))
  })

  /** Lets so much time pass that the disk is done */
  async function passing <T> (task: Promise<T>): Promise<T> {
    await time.runUntil(time.now + 10 * SYNC_TIME)

    return task
  }

  /** The numbers of votes that crashes may leave */
  async function afterCrashes (): Promise<number[]> {
    const counts = new Set<number>()

    for (let seed = 0; seed < 50; seed++) {
      const copy: Disk = Object.assign(new Disk(time, () => SYNC_TIME), { sessions: new Map(disk.sessions), unsynced: [...(disk as any).unsynced] })

      copy.fail(new Random(seed))

      const found = await (await SimulatedStorage.open(copy, () => true)).getSession(SCOPE, sessions[0].proposal.proposalId)

      counts.add(found?.voteCount ?? -1)
    }

    return [...counts].sort((a, b) => a - b)
  }

  it('loses votes in a crash that were not synced, from some point on', async () => {
    await storage.appendVote(SCOPE, sessions[1])
    await storage.appendVote(SCOPE, sessions[2])

    expect((await storage.getSession(SCOPE, sessions[0].proposal.proposalId))?.voteCount).to.equal(2)
    expect(await afterCrashes()).to.deep.equal([0, 1, 2])
  })

  it('keeps a vote that was synced, and all before it', async () => {
    await storage.appendVote(SCOPE, sessions[1])
    await passing(storage.appendVote(SCOPE, sessions[2], { durable: true }))
    await storage.appendVote(SCOPE, sessions[3])

    expect(await afterCrashes()).to.deep.equal([2, 3])
  })

  it('tells nobody that a vote is stored before it is synced', async () => {
    let isStored = false

    void storage.appendVote(SCOPE, sessions[1], { durable: true }).then(() => { isStored = true })
    await time.runUntil(time.now + SYNC_TIME - 1)
    expect(isStored).to.equal(false)

    await time.runUntil(time.now + 1)
    expect(isStored).to.equal(true)
  })

  it('answers a process no more that has ended', async () => {
    let isAnswered = false

    void storage.appendVote(SCOPE, sessions[1], { durable: true }).then(() => { isAnswered = true })
    isRunning = false
    void storage.getSession(SCOPE, sessions[0].proposal.proposalId).then(() => { isAnswered = true })
    await time.runUntil(time.now + 1_000)

    expect(isAnswered).to.equal(false)
  })

  it('binds an identity to one vote, in whatever process', async () => {
    const { proposal } = sessions[0]
    const [yes, no] = [await castBound(proposal, 1, true), await castBound(proposal, 1, false)]
    const locks = [new SimulatedVoteLock(disk, () => true), new SimulatedVoteLock(disk, () => true)]

    expect(await locks[0].find(SCOPE, proposal, yes.voteOwner)).to.equal(undefined)

    const [first, second] = await passing(Promise.all([locks[0].acquire(SCOPE, proposal, yes), locks[1].acquire(SCOPE, proposal, no)]))

    expect(first.vote).to.equal(true)
    expect(second).to.deep.equal(first)
    expect(await locks[1].find(SCOPE, proposal, yes.voteOwner)).to.deep.equal(first)
    expect(await locks[1].find(SCOPE, proposal, identityOf(2))).to.equal(undefined)
  })
})
