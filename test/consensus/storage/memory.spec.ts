import { expect } from 'aegir/chai'
import { storageTests } from '../../../src/conformance/storage-tests.ts'
import { ConsensusSession, listDays, MemoryStorage, sessionVoteSetHash, streamDay, streamDoubleVoted, streamSummaries } from '../../../src/consensus/index.ts'
import type { ConsensusStorage, ScopeConfig, SummaryQuery } from '../../../src/consensus/index.ts'

storageTests({
  name: 'MemoryStorage',
  create: () => new MemoryStorage()
})

/** Names of the tests that a storage does not pass */
async function failures (create: () => ConsensusStorage, reopen?: (storage: ConsensusStorage) => Promise<ConsensusStorage>): Promise<string[]> {
  const tests: Array<[string, () => Promise<void>]> = []
  const failed: string[] = []

  storageTests({
    name: 'a storage',
    create,
    reopen,
    describe: (_, define) => { define() },
    it: (name, run) => tests.push([name, run])
  })

  for (const [name, run] of tests) {
    await run().catch(() => failed.push(name))
  }

  return failed
}

/** The storage without what is optional, which the free functions do by themselves */
function without (storage: ConsensusStorage): ConsensusStorage {
  return Object.create(storage, { streamSummaries: {}, listDays: {}, streamDay: {}, streamDoubleVoted: {} })
}

describe('the storage tests', () => {
  it('pass a storage that does as it should', async () => {
    expect(await failures(() => new MemoryStorage())).to.be.empty()
    expect(await failures(() => new MemoryStorage(), async storage => storage)).to.be.empty()
  })

  it('fail a storage that has forgotten everything when it is reopened', async () => {
    expect(await failures(() => new MemoryStorage(), async () => new MemoryStorage())).to.have.length.above(10)
  })

  it('call teardown after each test, also after one that fails', async () => {
    const tests: Array<() => Promise<void>> = []
    let created = 0
    let tornDown = 0

    storageTests({
      name: 'a storage',
      create: () => {
        created++
        return {} as any
      },
      teardown: () => { tornDown++ },
      describe: (_, define) => { define() },
      it: (_, run) => tests.push(run)
    })

    for (const run of tests) {
      await expect(run()).to.eventually.be.rejected()
    }

    expect(created).to.be.greaterThan(10)
    expect(tornDown).to.equal(created)
  })

  const faults: Record<string, (storage: MemoryStorage) => void> = {
    'loses appended votes': storage => { storage.appendVote = async () => {} },
    'appends one of several votes': storage => {
      const appendVote = storage.appendVote.bind(storage)
      storage.appendVote = async (scope, session, { count = 1 } = {}) => appendVote(scope, ConsensusSession.fromParts({ ...session, votes: session.encodedVotes().slice(0, session.voteCount - count + 1) }))
    },
    'appends to sessions that are not there': storage => { storage.appendVote = async (scope, session) => storage.saveSession(scope, session) },
    'does not remove': storage => { storage.removeSession = async (scope, id) => storage.getSession(scope, id) },
    'removes in silence': storage => {
      const remove = storage.removeSession.bind(storage)
      storage.removeSession = async (...args) => {
        await remove(...args)
        return undefined
      }
    },
    'sorts sessions by id': storage => {
      const list = storage.listScopeSessions.bind(storage)
      storage.listScopeSessions = async scope => (await list(scope))?.sort((a, b) => a.proposal.proposalId - b.proposal.proposalId)
    },
    'lists unknown scopes as empty': storage => {
      const list = storage.listScopeSessions.bind(storage)
      storage.listScopeSessions = async scope => await list(scope) ?? []
    },
    'streams nothing': storage => { storage.streamScopeSessions = async function * () {} },
    'counts ended sessions as active': storage => { Object.assign(storage, { streamActiveSessions: storage.streamScopeSessions }) },
    'finds no active sessions': storage => { Object.assign(storage, { async * streamActiveSessions () {} }) },
    'finds no summaries': storage => { Object.assign(storage, { async * streamSummaries () {} }) },
    'gives summaries from the beginning, whatever they are to come after': storage => {
      Object.assign(storage, { async * streamSummaries (scope: string, query: SummaryQuery = {}) { yield * streamSummaries(without(storage), scope, { ...query, after: undefined }) } })
    },
    'gives summaries of every state': storage => {
      Object.assign(storage, { async * streamSummaries (scope: string, query: SummaryQuery = {}) { yield * streamSummaries(without(storage), scope, { ...query, state: undefined }) } })
    },
    'knows no days': storage => { Object.assign(storage, { listDays: async () => [] }) },
    'gives the sessions of all days': storage => {
      Object.assign(storage, {
        async * streamDay (scope: string) {
          for (const day of await listDays(storage, scope)) {
            yield * streamDay(without(storage), scope, day)
          }
        }
      })
    },
    'gives hashes that are out of date': storage => {
      const known = new Map<number, Uint8Array>()

      Object.assign(storage, {
        async * streamDay (scope: string, day: number) {
          for await (const summary of streamDay(without(storage), scope, day)) {
            const voteSetHash = known.get(summary.proposal.proposalId) ?? summary.voteSetHash

            known.set(summary.proposal.proposalId, voteSetHash)
            yield { ...summary, voteSetHash }
          }
        }
      })
    },
    'does not prune': storage => { storage.pruneVotes = async () => {} },
    'prunes active sessions': storage => {
      storage.pruneVotes = async (scope, id) => {
        const session = await storage.getSession(scope, id)

        if (session != null) {
          await storage.saveSession(scope, ConsensusSession.fromParts({ ...session, votes: [], pruned: { tally: session.tally, voteSetHash: sessionVoteSetHash(session) } }))
        }
      }
    },
    'forgets the tally when it prunes': storage => {
      const prune = storage.pruneVotes.bind(storage)

      storage.pruneVotes = async (scope, id) => {
        await prune(scope, id)
        const session = await storage.getSession(scope, id)

        if (session?.pruned != null) {
          await storage.saveSession(scope, ConsensusSession.fromParts({ ...session, votes: [], pruned: { ...session.pruned, tally: { yes: 0, no: 0 } } }))
        }
      }
    },
    'keeps no proof when it prunes': storage => {
      const prune = storage.pruneVotes.bind(storage)

      storage.pruneVotes = async (scope, id) => prune(scope, id, { proof: false })
    },
    'keeps a proof whatever it is told': storage => {
      const prune = storage.pruneVotes.bind(storage)

      storage.pruneVotes = async (scope, id) => prune(scope, id)
    },
    'forgets who has voted both ways when it prunes': storage => {
      const prune = storage.pruneVotes.bind(storage)

      storage.pruneVotes = async (scope, id) => {
        await prune(scope, id)
        const session = await storage.getSession(scope, id)

        if (session?.pruned != null && session.hasEvidence) {
          await storage.saveSession(scope, ConsensusSession.fromParts({ ...session, votes: [] }))
        }
      }
    },
    'finds nobody who has voted both ways': storage => { Object.assign(storage, { async * streamDoubleVoted () {} }) },
    'finds them in the order they came': storage => {
      Object.assign(storage, {
        async * streamDoubleVoted (scope: string, from = 0) {
          for await (const session of storage.streamScopeSessions(scope)) {
            if (session.hasEvidence && session.proposal.proposalId >= from) {
              yield session
            }
          }
        }
      })
    },
    'finds them all, whatever is asked': storage => { Object.assign(storage, { streamDoubleVoted: (scope: string) => streamDoubleVoted(without(storage), scope) }) },
    'takes votes where they are pruned': storage => { storage.appendVote = async (scope, session) => { await storage.updateSession(scope, session.proposal.proposalId, () => session) } },
    'keeps empty scopes': storage => { storage.listScopes = async () => ['council'] },
    'ignores replacements': storage => { storage.replaceScopeSessions = async () => {} },
    'merges replacements': storage => {
      storage.replaceScopeSessions = async (scope, sessions) => {
        for (const session of sessions) {
          await storage.saveSession(scope, session)
        }
      }
    },
    'swallows what an update throws': storage => {
      const update = storage.updateSession.bind(storage)
      storage.updateSession = async (scope, id, change) => update(scope, id, session => {
        try {
          return change(session)
        } catch {
          return session
        }
      })
    },
    'does not store what an update makes': storage => {
      storage.updateSession = async (scope, id, change) => change(await storage.getSession(scope, id) as ConsensusSession)
    },
    'makes updates overtake each other': storage => {
      storage.updateSession = async (scope, id, change) => {
        const session = await storage.getSession(scope, id)
        await Promise.resolve()

        if (session == null) {
          return MemoryStorage.prototype.updateSession.call(storage, scope, id, change)
        }

        const updated = change(session)
        await storage.saveSession(scope, updated)
        return updated
      }
    },
    'ignores updates of a scope': storage => { storage.updateScopeSessions = async (scope, update) => { update(await storage.listScopeSessions(scope) ?? []) } },
    'does not check configurations': storage => { storage.setScopeConfig = async (scope, config) => { (storage as any).configs.set(scope, { ...config }) } },
    'hands out the configuration it keeps': storage => { storage.getScopeConfig = async scope => (storage as any).configs.get(scope) },
    'keeps the configuration it was given': storage => {
      storage.setScopeConfig = async (scope, config) => {
        await MemoryStorage.prototype.setScopeConfig.call(storage, scope, config)
        ;(storage as any).configs.set(scope, config)
      }
    },
    'updates no default configuration': storage => {
      const update = storage.updateScopeConfig.bind(storage)
      storage.updateScopeConfig = async (scope, change) => await storage.getScopeConfig(scope) == null ? {} as any as ScopeConfig : update(scope, change)
    },
    'keeps the configuration of a deleted scope': storage => { storage.deleteScope = async scope => storage.replaceScopeSessions(scope, []) },
    'keeps the sessions of a deleted scope': storage => { storage.deleteScope = async scope => { (storage as any).configs.delete(scope) } },
    'mixes scopes up that differ in case': storage => {
      const save = storage.saveSession.bind(storage)
      storage.saveSession = async (scope, session) => save(scope.toLowerCase(), session)
    },
    'hands out the list it keeps': storage => {
      const lists = new Map<string, ConsensusSession[]>()
      storage.listScopeSessions = async scope => {
        const list = lists.get(scope) ?? await MemoryStorage.prototype.listScopeSessions.call(storage, scope)
        if (list != null) {
          lists.set(scope, list)
        }
        return list
      }
    }
  }

  for (const [name, break_] of Object.entries(faults)) {
    it(`fail a storage that ${name}`, async () => {
      expect(await failures(() => {
        const storage = new MemoryStorage()
        break_(storage)
        return storage
      })).to.not.be.empty()
    })
  }

  it('need a test runner', () => {
    const { describe } = globalThis as any

    try {
      delete (globalThis as any).describe
      expect(() => { storageTests({ name: 'a storage', create: () => new MemoryStorage() }) }).to.throw(TypeError, 'describe')
    } finally {
      Object.assign(globalThis, { describe })
    }
  })
})
