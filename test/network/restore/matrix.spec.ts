/**
 * Each way in which a node can forget what its key has voted, by who answers it then. What the key has signed in whatever process
 * is looked at in the end: never both choices on one proposal.
 */

import { expect } from 'aegir/chai'
import { now } from '../../utils/messages.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { Council, expectNoDoubleVotes, lie, SCOPE } from './fixture.ts'
import type { Machine } from './fixture.ts'
import type { ScopePolicyInput, Vote } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

interface Situation {
  name: string
  /** Brings it about, and resolves with the machine on which the node runs that is asked to vote */
  begin (council: Council): Promise<Machine>
  /** Where the node has its own locks, one member is enough, and it knows its votes */
  remembers?: boolean
  /** Members that answer, too */
  also? (council: Council): TestNode[]
}

const SITUATIONS: Situation[] = [{
  name: 'has its keys, and neither store nor vote locks',
  async begin ({ machine }) {
    await machine.lose('store')
    await machine.lose('locks')
    await machine.start({ brought: true })

    return machine
  }
}, {
  name: 'has an old store, and no vote locks',
  async begin ({ machine, backup }) {
    await machine.copy(backup, 'store')
    await machine.lose('locks')
    await machine.start({ brought: true })

    return machine
  }
}, {
  name: 'has an old store, and old vote locks',
  async begin ({ machine, backup }) {
    await machine.copy(backup, 'store')
    await machine.copy(backup, 'locks')
    await machine.start({ brought: true })

    return machine
  }
}, {
  name: 'has an old store, old vote locks, and was started more often than the locks were raised since',
  async begin ({ machine, backup }) {
    await machine.copy(backup, 'store')
    await machine.copy(backup, 'locks')

    for (let starts = 0; starts < 5; starts++) {
      await machine.start({ brought: true })
      await machine.stop()
    }

    await machine.start({ brought: true })

    return machine
  }
}, {
  name: 'runs on from a snapshot that was made before it voted',
  async begin ({ backup, policy }) {
    // the proposals are newer than the process by its clock of then, and older than the moment at which it was resumed
    let behind = 3_600n
    const node = await backup.start({ brought: true, clock: () => now() - behind })

    await enter(node, policy)
    behind = 0n

    return backup
  }
}, {
  name: 'was started again twice since it was restored',
  async begin ({ machine, backup }) {
    await machine.copy(backup, 'store')
    await machine.lose('locks')

    for (let starts = 0; starts < 2; starts++) {
      await machine.start({ brought: true })
      await machine.stop()
    }

    await machine.start({ brought: true })

    return machine
  }
}, {
  name: 'has a copy of the vote locks of a machine that runs on',
  async begin (council) {
    const { machine, backup, policy, members } = council
    const first = await machine.start()

    await enter(first, policy)
    await council.meet(first, members.slice(-1))
    await backup.lose('store')
    await backup.start({ brought: true })

    return backup
  }
}, {
  name: 'has its store and its vote locks, and a member lies about the count',
  remembers: true,
  async begin ({ machine, members: [, liar] }) {
    lie(liar)
    await machine.start()

    return machine
  },
  also: ({ members: [, liar] }) => [liar]
}]

const RESTORED = /was restored at .* once the nodes of 3 other voters/

async function enter (node: TestNode, policy: ScopePolicyInput): Promise<void> {
  if (node.voting.scopes().length === 0) {
    await node.voting.join(policy)
  }
}

/** Votes the other way than the key has where it has, and on the rest */
async function vote ({ voted, free }: Council, { voting }: TestNode): Promise<Array<Vote | Error>> {
  return Promise.all([voted, free].map(async proposalId => voting.vote(SCOPE, proposalId, false).catch(err => err)))
}

describe('a node that may have forgotten what its key has voted', function () {
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

  SITUATIONS.forEach(({ name, begin, also, remembers = false }) => {
    describe(`as it ${name}`, () => {
      async function ask (others: TestNode[]): Promise<TestNode> {
        const { node } = await begin(council)

        if (node == null) {
          throw new Error('it does not run')
        }

        await enter(node, council.policy)
        await council.meet(node, [...new Set([...others, ...also?.(council) ?? []])])
        await council.known(node)

        return node
      }

      it('votes on nothing from before where a stranger answers', async () => {
        const node = await ask([council.stranger])
        const [voted, free] = await vote(council, node)

        expect(voted).to.have.property('name', remembers ? 'UserAlreadyVotedError' : 'NotSyncedError')
        expect(free).to.have.property('name', 'NotSyncedError')
      })

      it(`votes on ${remembers ? 'what it has not voted on' : 'nothing from before'} where one honest member answers`, async () => {
        const node = await ask([council.members[0], council.stranger])
        const [voted, free] = await vote(council, node)

        if (remembers) {
          expect(voted).to.have.property('name', 'UserAlreadyVotedError')
          expect(free).to.have.property('vote', false)
          expect(node.voting.ownLocks()).to.deep.equal({})
        } else {
          expect(voted).to.have.property('message').that.matches(RESTORED)
          expect(free).to.have.property('message').that.matches(RESTORED)
          expect(node.voting.ownLocks().restoredAt).to.be.a('bigint')
        }
      })

      it('learns what it has voted, and votes on the rest, where members of a quorum answer', async () => {
        const node = await ask(council.others)

        await expect(node.voting.vote(SCOPE, council.voted, false)).to.eventually.be.rejectedWith(/has voted yes already/).with.property('name', 'UserAlreadyVotedError')
        await expect(node.voting.vote(SCOPE, council.free, false)).to.eventually.have.property('vote', false)
        expect(node.voting.ownLocks().restoredAt == null).to.equal(remembers)
      })
    })
  })
})
