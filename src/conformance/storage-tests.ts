/**
 * @packageDocumentation
 *
 * Tests that every {@link ConsensusStorage} has to pass, for those who write their own. They need `describe` and `it` of
 * any test runner and bring their own assertions.
 *
 * @example
 *
 * ```TypeScript
 * import { describe, it } from 'node:test'
 * import { MemoryStorage } from 'libp2p-voting/consensus'
 * import { storageTests } from 'libp2p-voting/consensus/storage-tests'
 *
 * // those of node:test are given; mocha's, jest's and vitest's are found by themselves
 * storageTests({
 *   name: 'MemoryStorage',
 *   create: () => new MemoryStorage(),
 *   describe,
 *   it
 * })
 * ```
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { gossipsubConfig, p2pConfig } from '../consensus/policy/config.ts'
import { defaultScopeConfig } from '../consensus/policy/scope-config.ts'
import { streamDoubleVoted } from '../consensus/proofs/evidence-query.ts'
import { ConsensusService } from '../consensus/service.ts'
import { ConsensusSession } from '../consensus/session/session.ts'
import { dayOf, getReachedProposals, listDays, streamActiveSessions, streamDay, streamSummaries } from '../consensus/storage/interface.ts'
import { sessionVoteSetHash } from '../consensus/vote/vote-set.ts'
import { buildVote, decodeVote, encodeVote } from '../consensus/vote/vote.ts'
import type { ConsensusConfig } from '../consensus/policy/config.ts'
import type { Evidence } from '../consensus/proofs/evidence.ts'
import type { Proposal } from '../consensus/proposal/proposal.ts'
import type { Outcome } from '../consensus/rules/session-rules.ts'
import type { ConsensusStorage, SessionSummary, SummaryQuery, SyncSummary } from '../consensus/storage/interface.ts'
import type { Vote } from '../consensus/vote/vote.ts'

export interface StorageTestsInit {
  /** Names the tests */
  name: string

  /** An empty storage, new for each test */
  create (): ConsensusStorage | Promise<ConsensusStorage>

  /**
   * Closes the storage and opens what is stored again. Where it is given it is called between any two steps of a test, so
   * nothing can live in memory only.
   */
  reopen? (storage: ConsensusStorage): Promise<ConsensusStorage>

  /** Is called at the end of each test, also of one that fails */
  teardown? (storage: ConsensusStorage): void | Promise<void>

  /** @default the global one */
  describe? (name: string, define: () => void): unknown

  /** @default the global one */
  it? (name: string, run: () => Promise<void>): unknown
}

/** The storage for the next step, reopened if it can be */
type Step = () => Promise<ConsensusStorage>

const SCOPE = 'council'
const NOW = 1_700_000_000n

/** The day that proposals belong to where nothing else is said */
const DAY = 19_675

/** Names that are easily mixed up where they become keys or file names */
const SCOPES = ['a', 'ab', 'a/b', 'a!b', 'a b', 'A', 'a\u0000', 'a\uffff', '__proto__', '🗳', '..', '0', '']

/**
 * Defines the tests
 */
export function storageTests ({ name, create, reopen, teardown, describe = global('describe'), it = global('it') }: StorageTestsInit): void {
  describe(`${name} as a storage`, () => {
    for (const [name, run] of Object.entries(tests)) {
      it(name, async () => {
        let storage = await create()

        try {
          await run(async () => {
            storage = await reopen?.(storage) ?? storage

            return storage
          })
        } finally {
          await teardown?.(storage)
        }
      })
    }
  })
}

const tests: Record<string, (step: Step) => Promise<void>> = {
  'is empty at first': async step => {
    equal(await (await step()).getSession(SCOPE, 1), undefined, 'getSession')
    equal(await (await step()).removeSession(SCOPE, 1), undefined, 'removeSession')
    equal(await (await step()).listScopeSessions(SCOPE), undefined, 'listScopeSessions')
    equal(await streamed(await step(), SCOPE), [], 'streamScopeSessions')
    equal(await (await step()).listScopes(), undefined, 'listScopes')
    equal(await (await step()).getScopeConfig(SCOPE), undefined, 'getScopeConfig')
    await (await step()).deleteScope(SCOPE)
  },

  'gives back a session with all its values': async step => {
    for (const [index, session] of variedSessions().entries()) {
      await (await step()).saveSession(SCOPE, session)
      equalSessions([await (await step()).getSession(SCOPE, session.proposal.proposalId)], [session], `session ${index}`)
    }

    equalSessions(await (await step()).listScopeSessions(SCOPE), variedSessions(), 'listScopeSessions')
    equalSessions(await streamed(await step(), SCOPE), variedSessions(), 'streamScopeSessions')
  },

  'keeps the signature that a proposal came with': async step => {
    const { proposal, config, createdAt } = session(1)
    const signed = ConsensusSession.fromParts({ proposal, config, createdAt, state: 'active', votes: [], signature: new Uint8Array(65).fill(7) })

    await (await step()).saveSession(SCOPE, signed)
    await (await step()).appendVote(SCOPE, voted(signed, 1))
    await (await step()).updateSession(SCOPE, 1, session => session.timeOut().session)

    equal((await (await step()).getSession(SCOPE, 1))?.signature, signed.signature, 'getSession')
    equal((await summaries(await step()))[0].signature, signed.signature, 'streamSummaries')
    equal((await ofDay(await step(), dayOf(proposal)))[0].signature, signed.signature, 'streamDay')
  },

  'appends votes to sessions that have ended': async step => {
    for (const [id, state] of [[1, 'reached'], [2, 'failed']] as const) {
      // as a decision rule does that takes votes in every state
      const ended = (count: number): ConsensusSession => ConsensusSession.fromParts({
        proposal: session(id).proposal,
        config: gossipsubConfig(),
        createdAt: NOW,
        state,
        ...state === 'reached' ? { result: true } : {},
        votes: voted(session(id), count).encodedVotes()
      })

      await (await step()).saveSession(SCOPE, ended(2))
      equal((await ofDay(await step(), DAY)).map(({ voteSetHash }) => voteSetHash).pop(), sessionVoteSetHash(ended(2)), 'hash before')

      for (const count of [3, 4, 5]) {
        await (await step()).appendVote(SCOPE, ended(count))
        equalSessions([await (await step()).getSession(SCOPE, id)], [ended(count)], `after ${count} votes`)
      }

      const { voteSetHash, tally, voteCount } = (await ofDay(await step(), DAY)).pop() as SyncSummary
      equal({ voteSetHash, tally, voteCount }, { voteSetHash: sessionVoteSetHash(ended(5)), tally: { yes: 3, no: 2 }, voteCount: 5 }, 'summary')

      await (await step()).updateSession(SCOPE, id, session => session)
      equal((await ofDay(await step(), DAY)).pop()?.voteSetHash, sessionVoteSetHash(ended(5)), 'hash after an update')
    }

    const decided = ConsensusSession.fromParts({ ...session(2), state: 'reached', result: false, votes: voted(session(2), 6).encodedVotes() })
    await (await step()).appendVote(SCOPE, decided)
    equalSessions([await (await step()).getSession(SCOPE, 2)], [decided], 'a failed session that a vote decides')
    equal((await summaries(await step(), { state: 'reached' })).map(({ result }) => result), [true, false], 'results')
    equal((await summaries(await step(), { state: 'failed' })), [], 'failed ones')
  },

  'gives sessions without their votes, in order': async step => {
    const saved = variedSessions()
    const asSummary = (session: ConsensusSession): SessionSummary => {
      const { proposal, config, createdAt, state, result, tally, voteCount, signature } = session

      return { proposal, config, createdAt, state, result, tally, voteCount, signature, doubleVoters: 0, pruned: false, proven: false }
    }
    const shown = async (query?: SummaryQuery): Promise<string[]> => (await summaries(await step(), query)).map(withoutHash)

    equal(await shown(), [], 'in an empty scope')

    for (const session of saved) {
      await (await step()).saveSession(SCOPE, session)
    }

    await (await step()).saveSession('other', session(70))
    equal(await shown(), saved.map(asSummary).map(withoutHash), 'all')

    for (const state of ['active', 'reached', 'failed'] as const) {
      const expected = saved.filter(session => session.state === state)

      equal(await shown({ state }), expected.map(asSummary).map(withoutHash), state)

      for (const [index, { proposal: { proposalId } }] of saved.entries()) {
        const rest = saved.slice(index + 1)

        equal(await shown({ after: proposalId }), rest.map(asSummary).map(withoutHash), `after ${proposalId}`)
        equal(await shown({ after: proposalId, state }), rest.filter(session => session.state === state).map(asSummary).map(withoutHash), `${state} after ${proposalId}`)

        const before = saved.slice(0, index).reverse()

        equal(await shown({ after: proposalId, newestFirst: true }), before.map(asSummary).map(withoutHash), `before ${proposalId}`)
        equal(await shown({ after: proposalId, newestFirst: true, state }), before.filter(session => session.state === state).map(asSummary).map(withoutHash), `${state} before ${proposalId}`)
      }
    }

    for (const query of [{ after: 70 }, { after: 70, state: 'active' }] as const) {
      await fails(summaries(await step(), query), 'SessionNotFoundError')
    }
  },

  'shows how proposals have ended, and what contradicts a result': async step => {
    const outcomes: Outcome[] = [
      { state: 'reached', result: true },
      { state: 'reached', result: false, decidedAt: NOW + 7n },
      { state: 'reached', result: true, contradicted: true, decidedAt: 2n ** 64n - 1n },
      { state: 'conflict' },
      { state: 'failed' }
    ]
    const outcomeOf = ({ state, result, contradicted, decidedAt }: Outcome): Outcome => ({ state, result, contradicted, decidedAt })
    const expected = outcomes.map(outcomeOf)

    for (const [id, outcome] of outcomes.entries()) {
      await (await step()).saveSession(SCOPE, ConsensusSession.fromParts({ ...session(id), ...outcome, votes: [] }))
    }

    equal((await streamed(await step(), SCOPE)).map(outcomeOf), expected, 'sessions')
    equal((await summaries(await step())).map(outcomeOf), expected, 'summaries')
    equal((await ofDay(await step(), DAY)).map(outcomeOf), expected, 'those of a day')
  },

  'shows in summaries what has changed': async step => {
    const states = async (): Promise<unknown> => (await summaries(await step())).map(({ proposal, state, result, tally, voteCount }) => [proposal.proposalId, state, result, tally.yes, tally.no, voteCount])

    for (const id of [3, 1, 2]) {
      await (await step()).saveSession(SCOPE, session(id, { expectedVotersCount: 2 }))
    }

    await (await step()).appendVote(SCOPE, voted(session(1, { expectedVotersCount: 2 }), 1))
    equal(await states(), [[3, 'active', undefined, 0, 0, 0], [1, 'active', undefined, 1, 0, 1], [2, 'active', undefined, 0, 0, 0]], 'after a vote')

    await (await step()).appendVote(SCOPE, voted(session(1, { expectedVotersCount: 2 }), 2))
    await (await step()).updateSession(SCOPE, 3, session => session.timeOut().session)
    await (await step()).removeSession(SCOPE, 2)
    const decided = voted(session(1, { expectedVotersCount: 2 }), 2)
    equal(await states(), [[3, 'failed', undefined, 0, 0, 0], [1, decided.state, decided.result, 1, 1, 2]], 'after the end')

    await (await step()).saveSession(SCOPE, session(3))
    equal(await states(), [[3, 'active', undefined, 0, 0, 0], [1, decided.state, decided.result, 1, 1, 2]], 'after one was replaced')
  },

  'finds sessions by the day they belong to': async step => {
    const at = (id: number, expirationTimestamp: bigint): ConsensusSession => session(id, { expirationTimestamp })
    const days = async (): Promise<unknown> => {
      const found: Array<[number, number[]]> = []

      for (const day of await listDays(await step(), SCOPE)) {
        found.push([day, (await ofDay(await step(), day)).map(({ proposal }) => proposal.proposalId)])
      }

      return found
    }

    equal(await days(), [], 'in an empty scope')

    for (const [id, expiration] of [[9, 86_400n * 20_000n], [10, 86_400n * 20_000n - 1n], [256, 86_400n * 20_001n - 1n], [1, 0n], [4_294_967_295, 2n ** 64n - 1n], [2, 86_400n * 20_000n + 5n]] as const) {
      await (await step()).saveSession(SCOPE, at(id, expiration))
    }

    await (await step()).saveSession('other', at(3, 0n))
    equal(await days(), [[0, [1]], [19_999, [10]], [20_000, [2, 9, 256]], [213_503_982_334_601, [4_294_967_295]]], 'after they were stored')
    equal(await ofDay(await step(), 5), [], 'a day without any')

    await (await step()).saveSession(SCOPE, at(9, 86_400n))
    await (await step()).removeSession(SCOPE, 10)
    await (await step()).updateSession(SCOPE, 4_294_967_295, session => session.timeOut().session)
    equal(await days(), [[0, [1]], [1, [9]], [20_000, [2, 256]], [213_503_982_334_601, [4_294_967_295]]], 'after changes')

    await (await step()).updateScopeSessions(SCOPE, sessions => sessions.filter(({ proposal }) => proposal.proposalId === 2))
    equal(await days(), [[20_000, [2]]], 'after the scope was updated')

    await (await step()).deleteScope(SCOPE)
    equal(await days(), [], 'after the scope was deleted')
    equal(await listDays(await step(), 'other'), [0], 'another scope')
  },

  'tells in the days who has voted what': async step => {
    const saved = [voted(session(1), 3), voted(session(2, { expectedVotersCount: 2 }), 2).timeOut().session, session(3).timeOut().session, session(4)]
    const shown = async (): Promise<unknown> => (await ofDay(await step(), DAY)).map(({ proposal, state, tally, voteSetHash }) => [proposal.proposalId, state, tally.yes, voteSetHash])
    const expected = (): unknown => saved.map(session => [session.proposal.proposalId, session.state, session.tally.yes, sessionVoteSetHash(session)])

    for (const session of saved) {
      await (await step()).saveSession(SCOPE, session)
    }

    equal(await shown(), expected(), 'at first')
    equal(await shown(), expected(), 'again')

    saved[0] = voted(session(1), 4)
    await (await step()).appendVote(SCOPE, saved[0])
    equal(await shown(), expected(), 'after a vote')
    saved[0] = saved[0].timeOut().session
    await (await step()).updateSession(SCOPE, 1, session => session.timeOut().session)
    equal(await shown(), expected(), 'after the end')

    saved[1] = voted(session(2, { expectedVotersCount: 2 }), 2, 7).timeOut().session
    await (await step()).saveSession(SCOPE, saved[1])
    equal(await shown(), expected(), 'after other votes were stored')
  },

  'prunes the votes of sessions that have ended, and nothing else': async step => {
    const prune = async (scope: string, id: number): Promise<void> => (await step()).pruneVotes?.(scope, id)
    const ended = voted(session(1, { expectedVotersCount: 2 }), 2).timeOut().session
    const active = voted(session(2), 2)

    await (await step()).saveSession(SCOPE, ended)
    await (await step()).saveSession(SCOPE, active)
    await (await step()).saveSession('other', ended)

    if ((await step()).pruneVotes == null) {
      return
    }

    for (const [scope, id] of [[SCOPE, 1], [SCOPE, 1], [SCOPE, 2], [SCOPE, 3], ['none', 1]] as const) {
      await prune(scope, id)
    }

    const { proposal, config, createdAt, state, result, tally } = ended
    const voteSetHash = sessionVoteSetHash(ended)
    const pruned = ConsensusSession.fromParts({ proposal, config, createdAt, state, result, votes: [], pruned: { tally, voteSetHash } })

    equalSessions(await (await step()).listScopeSessions(SCOPE), [pruned, active], 'listScopeSessions')
    equal((await (await step()).getSession(SCOPE, 1))?.pruned, { tally: { yes: 1, no: 1 }, voteSetHash }, 'what is left')
    equal((await summaries(await step())).map(({ tally, voteCount, pruned }) => [tally.yes, tally.no, voteCount, pruned]), [[1, 1, 0, true], [1, 1, 2, false]], 'summaries')
    equal((await ofDay(await step(), DAY)).map(({ voteSetHash, pruned }) => [voteSetHash, pruned]), [[voteSetHash, true], [sessionVoteSetHash(active), false]], 'hashes')
    equal((await (await step()).getSession('other', 1))?.voteCount, 2, 'votes in another scope')

    const storage = await step()
    await fails(storage.appendVote(SCOPE, ConsensusSession.fromParts({ ...ended, votes: [...ended.encodedVotes(), encodeVote(vote(1, 9, true))] })), 'SessionNotActiveError')
    await (await step()).updateSession(SCOPE, 1, session => session)
    equalSessions([await (await step()).getSession(SCOPE, 1)], [pruned], 'after a vote that was refused')

    await (await step()).saveSession(SCOPE, pruned)
    equalSessions(await (await step()).listScopeSessions(SCOPE), [pruned, active], 'after it was saved')
    await (await step()).saveSession(SCOPE, ended)
    equalSessions(await (await step()).listScopeSessions(SCOPE), [ended, active], 'after it was saved with its votes')
  },

  'keeps the votes that prove something when it prunes the others': async step => {
    const prune = async (id: number, proof?: boolean): Promise<void> => (await step()).pruneVotes?.(SCOPE, id, proof == null ? undefined : { proof })
    const quorum = quorumSession(5, { expectedVotersCount: 5 })
    const sessions = [
      // four of five are a quorum
      boundVotes(quorum, 5, 4, -3, 2, 1),
      boundVotes(quorumSession(4, { expectedVotersCount: 5 }), -1, 2, 3, -2, -4).timeOut().session,
      boundVotes(quorumSession(3, { expectedVotersCount: 4 }), 1, 2, 3, -3, -2, -1, -4),
      boundVotes(quorumSession(2, { expectedVotersCount: 5 }), 1, 2, 3).timeOut().session,
      boundVotes(quorumSession(1, { expectedVotersCount: 3 }), 2, -2, 1)
    ]
    const kept = [[5, 4, 2, 1], [2, -2], [1, 2, 3, -3, -2, -1], [], [2, -2]]

    for (const session of sessions) {
      await (await step()).saveSession(SCOPE, session)
    }

    equal((await summaries(await step())).map(({ state, proven }) => [state, proven]), [['reached', true], ['failed', false], ['reached', true], ['failed', false], ['reached', true]], 'what is proven before')

    if ((await step()).pruneVotes == null) {
      return
    }

    for (const { proposal: { proposalId } } of sessions) {
      // where anybody may vote nothing is proved by votes
      await prune(proposalId, proposalId === 1 ? false : undefined)
    }

    const pruned = sessions.map((session, index) => ConsensusSession.fromParts({
      ...session,
      votes: session.encodedVotes().filter(encoded => kept[index].includes(voterOf(decodeVote(encoded)))),
      pruned: { tally: session.tally, voteSetHash: sessionVoteSetHash(session) }
    }))

    equal(pruned.map(({ voteCount }) => voteCount), [4, 2, 6, 0, 2], 'how many are kept')
    equalSessions(await (await step()).listScopeSessions(SCOPE), pruned, 'listScopeSessions')
    equal((await summaries(await step())).map(({ voteCount, pruned, proven, tally }) => [voteCount, pruned, proven, tally.doubles ?? 0]), [[4, true, true, 0], [2, true, false, 1], [6, true, true, 3], [0, true, false, 0], [2, true, false, 1]], 'summaries')
    equal((await ofDay(await step(), DAY)).map(({ voteSetHash, proven }) => [voteSetHash, proven]), pruned.map((session, index) => [sessionVoteSetHash(sessions[index]), session.voteCount > 2]).reverse(), 'streamDay')

    const storage = await step()
    await fails(storage.appendVote(SCOPE, boundVotes(sessions[0], 3)), 'SessionNotActiveError')

    for (const session of pruned) {
      await (await step()).saveSession(SCOPE, session)
    }

    await (await step()).updateSession(SCOPE, 5, session => session)
    equalSessions(await (await step()).listScopeSessions(SCOPE), pruned, 'after they were saved')
    await (await step()).removeSession(SCOPE, 5)
    await (await step()).saveSession(SCOPE, quorum)
    equalSessions([await (await step()).getSession(SCOPE, 5)], [quorum], 'a new session, without the votes that were kept')
  },

  'keeps evidence beside the votes, which it is none of': async step => {
    const open = boundVotes(quorumSession(1, { expectedVotersCount: 5 }), 1, -2)
    const one = open.addEvidence(evidenceOn(open, 1), NOW)
    const two = one.addEvidence(evidenceOn(one, 3), NOW)
    const decided = boundVotes(two, 2, 4, 5)
    const double = boundVotes(decided, -1)
    const shown = async (): Promise<unknown> => (await summaries(await step())).map(({ voteCount, tally, doubleVoters }) => [voteCount, tally.doubles ?? 0, doubleVoters])
    const found = async (): Promise<ConsensusSession[]> => {
      const sessions: ConsensusSession[] = []

      for await (const session of streamDoubleVoted(await step(), SCOPE)) {
        sessions.push(session)
      }

      return sessions
    }

    equal(two.evidence.length, 2, 'evidence of untimely votes')
    await (await step()).saveSession(SCOPE, open)
    equalSessions(await found(), [], 'without evidence')

    await (await step()).appendVote(SCOPE, one, { count: 0, evidence: one.evidence })
    equalSessions([await (await step()).getSession(SCOPE, 1)], [one], 'with evidence')
    equalSessions(await found(), [one], 'who has signed both')
    equal(await shown(), [[2, 0, 1]], 'summary')
    equal((await ofDay(await step(), DAY)).map(({ voteSetHash }) => voteSetHash), [sessionVoteSetHash(open)], 'the hash of the votes')

    await (await step()).appendVote(SCOPE, two, { count: 0, evidence: two.evidence.slice(1) })
    await (await step()).appendVote(SCOPE, decided, { count: 3 })
    equalSessions([await (await step()).getSession(SCOPE, 1)], [decided], 'decided')
    equal(await shown(), [[5, 1, 3]], 'summary of a session that is decided')

    await (await step()).appendVote(SCOPE, double, { count: 1 })
    equal(double.evidence.length, 1, 'evidence that is left when both votes are there')
    equalSessions([await (await step()).getSession(SCOPE, 1)], [double], 'with both votes of one it was kept against')
    equal(await shown(), [[6, 2, 3]], 'summary with both votes')

    await (await step()).updateSession(SCOPE, 1, session => session.addEvidence(evidenceOn(session, 4), NOW))
    equal((await (await step()).getSession(SCOPE, 1))?.evidence.length, 2, 'after an update')

    await (await step()).pruneVotes?.(SCOPE, 1)
    equal((await (await step()).getSession(SCOPE, 1))?.evidence.length, 2, 'after the votes were pruned')
    equal((await found()).length, 1, 'who has signed both, after the votes were pruned')

    await (await step()).saveSession(SCOPE, two)
    equalSessions([await (await step()).getSession(SCOPE, 1)], [two], 'saved over it')
    await (await step()).removeSession(SCOPE, 1)
    await (await step()).saveSession(SCOPE, open)
    equalSessions([await (await step()).getSession(SCOPE, 1)], [open], 'a new session')
    equalSessions(await found(), [], 'a new session without evidence')
  },

  'finds who has voted both ways without looking for him': async step => {
    const found = async (from?: number): Promise<Array<[number, string[]]>> => {
      const ids: Array<[number, string[]]> = []

      for await (const session of streamDoubleVoted(await step(), SCOPE, from)) {
        ids.push([session.proposal.proposalId, session.doubleVotes().map(([{ voteOwner }]) => bytesToHex(voteOwner))])
      }

      return ids
    }
    const hex = (voter: number): string => bytesToHex(owner(voter))

    equal(await found(), [], 'an empty scope')
    await (await step()).saveSession(SCOPE, boundVotes(quorumSession(9), 1, -1))
    await (await step()).saveSession(SCOPE, boundVotes(quorumSession(5), 1, -2))
    await (await step()).saveSession(SCOPE, voted(session(4), 3))
    await (await step()).saveSession(SCOPE, boundVotes(quorumSession(7), 1, -2))
    await (await step()).saveSession('other', boundVotes(quorumSession(3), 1, -1))
    equal(await found(), [[9, [hex(1)]]], 'of sessions that were saved')

    for (const voter of [2, 3]) {
      const session = await (await step()).getSession(SCOPE, 7) as ConsensusSession

      await (await step()).appendVote(SCOPE, boundVotes(session, voter))
    }

    await (await step()).updateSession(SCOPE, 5, session => boundVotes(session, 2).timeOut().session)
    equal(await found(), [[5, [hex(2)]], [7, [hex(2)]], [9, [hex(1)]]], 'after votes were added')
    equal(await found(7), [[7, [hex(2)]], [9, [hex(1)]]], 'from a proposal on')
    equal(await found(8), [[9, [hex(1)]]], 'from a proposal on that is not there')
    equal(await found(4_294_967_295), [], 'from the last on')

    await (await step()).pruneVotes?.(SCOPE, 5)
    equal(await found(), [[5, [hex(2)]], [7, [hex(2)]], [9, [hex(1)]]], 'after votes were pruned')

    await (await step()).saveSession(SCOPE, boundVotes(quorumSession(7), 1))
    await (await step()).removeSession(SCOPE, 9)
    equal(await found(), [[5, [hex(2)]]], 'after sessions were replaced and removed')
  },

  'replaces a session with the same id, with its votes': async step => {
    const longer = voted(session(1), 3)
    const other = voted(session(1, { name: 'Another' }), 1, 10)

    await (await step()).saveSession(SCOPE, longer)
    await (await step()).saveSession(SCOPE, other)

    equalSessions(await (await step()).listScopeSessions(SCOPE), [other], 'listScopeSessions')
  },

  'lists sessions in the order they were first stored': async step => {
    const ids = [500, 2, 4_294_967_295, 0, 256, 1]

    for (const id of ids) {
      await (await step()).saveSession(SCOPE, session(id))
    }

    await (await step()).saveSession(SCOPE, session(4_294_967_295, { name: 'changed' }))
    await (await step()).appendVote(SCOPE, voted(session(2), 1))
    await (await step()).updateSession(SCOPE, 500, session => session.timeOut().session)
    equal(idsOf(await (await step()).listScopeSessions(SCOPE)), ids, 'after changes')

    await (await step()).removeSession(SCOPE, 2)
    await (await step()).saveSession(SCOPE, session(2))
    equal(idsOf(await streamed(await step(), SCOPE)), [500, 4_294_967_295, 0, 256, 1, 2], 'after one was removed and stored again')
  },

  'keeps scopes apart': async step => {
    for (const [index, scope] of SCOPES.entries()) {
      await (await step()).saveSession(scope, voted(session(7, { name: `in ${index}` }), index))
      await (await step()).setScopeConfig(scope, { ...defaultScopeConfig(), defaultTimeout: index + 1 })
    }

    equal([...await (await step()).listScopes() ?? []].sort(), [...SCOPES].sort(), 'listScopes')

    for (const [index, scope] of SCOPES.entries()) {
      equalSessions(await (await step()).listScopeSessions(scope), [voted(session(7, { name: `in ${index}` }), index)], `scope ${JSON.stringify(scope)}`)
      equal((await (await step()).getScopeConfig(scope))?.defaultTimeout, index + 1, `configuration of ${JSON.stringify(scope)}`)
    }

    await (await step()).deleteScope('a')
    equal([...await (await step()).listScopes() ?? []].sort(), SCOPES.filter(scope => scope !== 'a').sort(), 'listScopes after one was deleted')
    equal((await (await step()).getSession('ab', 7))?.voteCount, 1, 'votes in a scope whose name begins with that of the deleted one')
  },

  'finds the active sessions, in order': async step => {
    const active = async (): Promise<number[] | undefined> => {
      const sessions: ConsensusSession[] = []

      for await (const session of streamActiveSessions(await step(), SCOPE)) {
        sessions.push(session)
      }

      return idsOf(sessions)
    }
    const decided = session(5, { expectedVotersCount: 1 }).addVote(vote(5, 0, true), NOW).session

    equal(await active(), [], 'in an empty scope')

    for (const id of [9, 5, 7, 1, 3]) {
      await (await step()).saveSession(SCOPE, session(id, { expectedVotersCount: 1 }))
    }

    await (await step()).saveSession('other', session(2))
    await (await step()).saveSession(SCOPE, session(8).timeOut().session)
    equal(await active(), [9, 5, 7, 1, 3], 'after they were stored')

    await (await step()).appendVote(SCOPE, decided)
    await (await step()).updateSession(SCOPE, 7, session => session.timeOut().session)
    await (await step()).removeSession(SCOPE, 3)
    equal(await active(), [9, 1], 'after one was decided, one has failed and one was removed')

    await (await step()).saveSession(SCOPE, session(5))
    equal(await active(), [9, 5, 1], 'after one was replaced by an active one')

    await (await step()).updateScopeSessions(SCOPE, sessions => sessions.filter(({ proposal }) => proposal.proposalId !== 9).reverse())
    equal(await active(), [1, 5], 'after the scope was updated')

    await (await step()).deleteScope(SCOPE)
    equal(await active(), [], 'after the scope was deleted')
  },

  'removes a session and gives it back': async step => {
    const removed = voted(session(1), 4)

    await (await step()).saveSession(SCOPE, removed)
    await (await step()).saveSession(SCOPE, session(2))

    equalSessions([await (await step()).removeSession(SCOPE, 1)], [removed], 'removeSession')
    equal(await (await step()).getSession(SCOPE, 1), undefined, 'getSession')
    equal(idsOf(await (await step()).listScopeSessions(SCOPE)), [2], 'listScopeSessions')
    equal(await (await step()).removeSession(SCOPE, 1), undefined, 'removeSession again')

    await (await step()).saveSession(SCOPE, session(1))
    equalSessions([await (await step()).getSession(SCOPE, 1)], [session(1)], 'a new session, without the votes of the removed one')
  },

  'has no scope without sessions': async step => {
    await (await step()).saveSession(SCOPE, session(1))
    await (await step()).removeSession(SCOPE, 1)

    equal(await (await step()).listScopeSessions(SCOPE), undefined, 'listScopeSessions')
    equal(await (await step()).listScopes(), undefined, 'listScopes')

    await (await step()).setScopeConfig(SCOPE, defaultScopeConfig())
    equal(await (await step()).listScopes(), undefined, 'listScopes, with a configuration and no sessions')
  },

  'appends votes one by one': async step => {
    let expected = session(1, { expectedVotersCount: 1000 })

    await (await step()).saveSession(SCOPE, expected)
    await (await step()).saveSession(SCOPE, session(2))

    for (let voter = 0; voter < 40; voter++) {
      expected = expected.addVote(vote(1, voter, voter % 3 > 0), NOW).session
      await (await step()).appendVote(SCOPE, expected)
      equalSessions([await (await step()).getSession(SCOPE, 1)], [expected], `after ${voter + 1} votes`)
    }

    equalSessions(await (await step()).listScopeSessions(SCOPE), [expected, session(2)], 'listScopeSessions')
  },

  'appends votes that come at the same time at once': async step => {
    const open = session(1, { expectedVotersCount: 10 })
    const some = voted(open, 3)
    const decided = voted(open, 10)

    await (await step()).saveSession(SCOPE, open)
    await (await step()).appendVote(SCOPE, some, { count: 3 })
    equalSessions([await (await step()).getSession(SCOPE, 1)], [some], 'after three votes')

    await (await step()).appendVote(SCOPE, decided, { count: 7 })
    equalSessions([await (await step()).getSession(SCOPE, 1)], [decided], 'after seven more, which decide')

    const both = boundVotes(quorumSession(2), 1, -1, 2)
    const found: ConsensusSession[] = []

    await (await step()).saveSession(SCOPE, quorumSession(2))
    await (await step()).appendVote(SCOPE, both, { count: 3 })
    equalSessions([await (await step()).getSession(SCOPE, 2)], [both], 'after votes of one voter for both sides, and one more')

    for await (const session of streamDoubleVoted(await step(), SCOPE)) {
      found.push(session)
    }

    equalSessions(found, [both], 'who has voted both ways')
  },

  'appends to what was saved with votes, and saves over what was appended': async step => {
    const three = voted(session(1), 3)
    const four = three.addVote(vote(1, 3, false), NOW).session

    await (await step()).saveSession(SCOPE, three)
    await (await step()).appendVote(SCOPE, four)
    equalSessions([await (await step()).getSession(SCOPE, 1)], [four], 'appended to three')

    await (await step()).saveSession(SCOPE, three)
    equalSessions([await (await step()).getSession(SCOPE, 1)], [three], 'three again')
  },

  'stores the decision with the vote that makes it': async step => {
    const open = session(1, { expectedVotersCount: 1 })
    const decided = open.addVote(vote(1, 0, false), NOW).session

    await (await step()).saveSession(SCOPE, open)
    await (await step()).appendVote(SCOPE, decided)

    const stored = await (await step()).getSession(SCOPE, 1)
    equal([stored?.state, stored?.result], ['reached', false], 'state and result')
    equalSessions([stored], [decided], 'session')
  },

  'refuses to append to a session that is not there': async step => {
    await (await step()).saveSession(SCOPE, session(1))
    await (await step()).removeSession(SCOPE, 1)
    await (await step()).saveSession('other', session(2))

    for (const [scope, id] of [[SCOPE, 1], [SCOPE, 2], ['other', 1]] as const) {
      const storage = await step()
      await fails(storage.appendVote(scope, voted(session(id), 1)), 'SessionNotFoundError')
      equal(await (await step()).getSession(scope, id), undefined, `session ${id} in ${scope}`)
    }
  },

  'updates a session': async step => {
    const three = voted(session(1), 3)

    await (await step()).saveSession(SCOPE, three)

    const updates: Array<[string, (session: ConsensusSession) => ConsensusSession]> = [
      ['to be decided', session => session.timeOut().session],
      ['to have one more vote', () => voted(session(1), 4)],
      ['to have fewer votes', () => voted(session(1), 2)],
      ['to have other votes', () => voted(session(1), 2, 50)],
      ['to have none', () => session(1)],
      ['not at all', session => session]
    ]

    for (const [what, update] of updates) {
      const before = await (await step()).getSession(SCOPE, 1) ?? session(1)
      const expected = update(before)

      equalSessions([await (await step()).updateSession(SCOPE, 1, update)], [expected], `result of an update ${what}`)
      equalSessions(await (await step()).listScopeSessions(SCOPE), [expected], `stored after an update ${what}`)
    }
  },

  'leaves a session as it was when the update of it throws': async step => {
    const stored = voted(session(1), 2)
    await (await step()).saveSession(SCOPE, stored)

    const storage = await step()
    await fails(storage.updateSession(SCOPE, 1, () => { throw new RangeError('no') }), 'RangeError')

    equalSessions(await (await step()).listScopeSessions(SCOPE), [stored], 'listScopeSessions')
  },

  'refuses to update a session that is not there': async step => {
    await (await step()).saveSession(SCOPE, session(1))

    for (const [scope, id] of [[SCOPE, 2], ['other', 1]] as const) {
      let called = false
      const storage = await step()

      await fails(storage.updateSession(scope, id, session => {
        called = true
        return session
      }), 'SessionNotFoundError')
      equal(called, false, 'whether the update was called')
    }

    equal(await (await step()).listScopes(), [SCOPE], 'listScopes')
  },

  'updates the sessions of a scope together': async step => {
    for (const id of [3, 1, 2]) {
      await (await step()).saveSession(SCOPE, voted(session(id), id))
    }

    await (await step()).saveSession('other', voted(session(1), 1))

    let given: ConsensusSession[] = []
    await (await step()).updateScopeSessions(SCOPE, sessions => {
      given = sessions
      return [...sessions.filter(({ proposal }) => proposal.proposalId !== 1), voted(session(9), 2)]
    })

    equalSessions(given, [3, 1, 2].map(id => voted(session(id), id)), 'what the update was given')
    equalSessions(await (await step()).listScopeSessions(SCOPE), [voted(session(3), 3), voted(session(2), 2), voted(session(9), 2)], 'listScopeSessions')
    equalSessions(await (await step()).listScopeSessions('other'), [voted(session(1), 1)], 'another scope')

    const storage = await step()
    await fails(storage.updateScopeSessions(SCOPE, () => { throw new RangeError('no') }), 'RangeError')
    equal(idsOf(await (await step()).listScopeSessions(SCOPE)), [3, 2, 9], 'after an update that throws')

    await (await step()).updateScopeSessions(SCOPE, () => [])
    equal(await (await step()).listScopeSessions(SCOPE), undefined, 'a scope left empty')
    equal(await (await step()).listScopes(), ['other'], 'listScopes')

    await (await step()).updateScopeSessions('new', sessions => [...sessions, session(4)])
    equalSessions(await (await step()).listScopeSessions('new'), [session(4)], 'a scope that was not there')
  },

  'replaces the sessions of a scope': async step => {
    await (await step()).saveSession(SCOPE, voted(session(1), 3))
    await (await step()).saveSession('other', session(1))
    await (await step()).replaceScopeSessions(SCOPE, [voted(session(5), 1), session(1), voted(session(3), 2)])

    equalSessions(await (await step()).listScopeSessions(SCOPE), [voted(session(5), 1), session(1), voted(session(3), 2)], 'listScopeSessions')

    await (await step()).replaceScopeSessions(SCOPE, [])
    equal(await (await step()).listScopeSessions(SCOPE), undefined, 'a scope left empty')
    equal(await (await step()).listScopes(), ['other'], 'listScopes')
  },

  'takes votes in every state under quorum, and shows what they have come to': async step => {
    const shown = async (): Promise<unknown> => (await summaries(await step())).map(({ state, result, contradicted, tally: { yes, no }, voteCount }) => [state, result, contradicted, yes, no, voteCount])
    let current = trioSession(1)

    await (await step()).saveSession(SCOPE, current)
    current = current.timeOut().session
    await (await step()).updateSession(SCOPE, 1, session => session.timeOut().session)
    equal(await shown(), [['failed', undefined, undefined, 0, 0, 0]], 'without votes at the timeout')

    for (const [voter, choice, expected] of [
      [1, true, ['failed', undefined, undefined, 1, 0, 1]],
      [2, true, ['reached', true, undefined, 2, 0, 2]],
      [3, true, ['reached', true, undefined, 3, 0, 3]],
      // who votes both ways is counted on both sides
      [1, false, ['reached', true, undefined, 3, 1, 4]],
      [2, false, ['reached', true, true, 3, 2, 5]]
    ] as const) {
      current = current.addVote(boundVote(current, voter, choice), NOW).session
      await (await step()).appendVote(SCOPE, current)
      equal(await shown(), [expected], `after a vote of voter ${voter}`)
      equalSessions([await (await step()).getSession(SCOPE, 1)], [current], `session after a vote of voter ${voter}`)
    }

    const conflict = trioSession(3).addVotes([1, 2].flatMap(voter => [true, false].map(choice => boundVote(trioSession(3), voter, choice))), NOW).session

    await (await step()).saveSession(SCOPE, conflict)
    equal((await summaries(await step())).slice(1).map(({ state, result }) => [state, result]), [['conflict', undefined]], 'summaries')
    equalSessions(await (await step()).listScopeSessions(SCOPE), [current, conflict], 'listScopeSessions')
  },

  'keeps the configuration of a scope': async step => {
    const configs = [
      defaultScopeConfig(),
      { ...defaultScopeConfig(), networkType: 'p2p' as const, defaultConsensusThreshold: 0, defaultTimeout: 0.25, defaultLivenessCriteriaYes: false, maxRoundsOverride: 0, decisionRule: 'legacy' as const },
      { ...defaultScopeConfig(), defaultConsensusThreshold: 1, defaultTimeout: 2 ** 53, maxRoundsOverride: 4_294_967_295 }
    ]

    for (const config of configs) {
      await (await step()).setScopeConfig(SCOPE, config)
      equal(await (await step()).getScopeConfig(SCOPE), config, 'getScopeConfig')
    }

    const storage = await step()
    await fails(storage.setScopeConfig(SCOPE, { ...defaultScopeConfig(), defaultConsensusThreshold: 1.5 }), 'InvalidConsensusThresholdError')
    await fails(storage.updateScopeConfig(SCOPE, config => ({ ...config, defaultTimeout: 0 })), 'InvalidTimeoutError')
    await fails(storage.updateScopeConfig(SCOPE, () => { throw new RangeError('no') }), 'RangeError')
    equal(await (await step()).getScopeConfig(SCOPE), configs[2], 'after configurations that were refused')
  },

  'updates the configuration of a scope, or the default one': async step => {
    const updated = await (await step()).updateScopeConfig(SCOPE, config => {
      equal(config, defaultScopeConfig(), 'what the update is given')

      return { ...config, defaultTimeout: 7 }
    })

    equal(updated, { ...defaultScopeConfig(), defaultTimeout: 7 }, 'result')
    await (await step()).updateScopeConfig(SCOPE, config => ({ ...config, maxRoundsOverride: 3 }))
    equal(await (await step()).getScopeConfig(SCOPE), { ...defaultScopeConfig(), defaultTimeout: 7, maxRoundsOverride: 3 }, 'getScopeConfig')
  },

  'gives configurations that can be written to without harm': async step => {
    const config = defaultScopeConfig()

    await (await step()).setScopeConfig(SCOPE, config)
    config.defaultTimeout = 1

    const storage = await step()
    const given = await storage.getScopeConfig(SCOPE)

    if (given != null) {
      given.defaultTimeout = 2
    }

    await fails(storage.updateScopeConfig(SCOPE, config => {
      config.defaultTimeout = 3
      throw new RangeError('no')
    }), 'RangeError')

    equal(await storage.getScopeConfig(SCOPE), defaultScopeConfig(), 'getScopeConfig')
  },

  'deletes a scope with all it has': async step => {
    await (await step()).saveSession(SCOPE, voted(session(1), 3))
    await (await step()).setScopeConfig(SCOPE, defaultScopeConfig())
    await (await step()).saveSession('other', voted(session(1), 2))
    await (await step()).setScopeConfig('other', defaultScopeConfig())

    await (await step()).deleteScope(SCOPE)

    equal(await (await step()).listScopes(), ['other'], 'listScopes')
    equal(await (await step()).getSession(SCOPE, 1), undefined, 'getSession')
    equal(await (await step()).getScopeConfig(SCOPE), undefined, 'getScopeConfig')
    equalSessions(await (await step()).listScopeSessions('other'), [voted(session(1), 2)], 'another scope')
    equal(await (await step()).getScopeConfig('other'), defaultScopeConfig(), 'configuration of another scope')

    await (await step()).saveSession(SCOPE, session(1))
    equalSessions([await (await step()).getSession(SCOPE, 1)], [session(1)], 'a new session, without the votes of the deleted one')
  },

  'gives sessions that stay as they were': async step => {
    await (await step()).saveSession(SCOPE, session(1))

    const storage = await step()
    const before = await storage.getSession(SCOPE, 1)
    const list = await storage.listScopeSessions(SCOPE)
    await storage.appendVote(SCOPE, voted(session(1), 1))
    list?.pop()

    equalSessions([before], [session(1)], 'a session from before a vote was appended')
    equalSessions(await storage.listScopeSessions(SCOPE), [voted(session(1), 1)], 'sessions after a list of them was written to')
  },

  'loses nothing when calls come at the same time': async step => {
    const ids = Array.from({ length: 20 }, (_, index) => index)
    let storage = await step()

    await Promise.all(ids.map(async id => storage.saveSession(SCOPE, session(id, { expectedVotersCount: 100 }))))
    equal(idsOf(await (await step()).listScopeSessions(SCOPE)), ids, 'sessions stored together')

    storage = await step()
    await Promise.all(ids.map(async id => storage.appendVote(SCOPE, voted(session(id, { expectedVotersCount: 100 }), 1))))
    equal((await (await step()).listScopeSessions(SCOPE))?.map(({ voteCount }) => voteCount), ids.map(() => 1), 'votes of different proposals')

    storage = await step()
    await Promise.all(ids.map(async voter => storage.updateSession(SCOPE, 0, session => session.addVote(vote(0, voter + 1, true), NOW).session)))
    equal((await (await step()).getSession(SCOPE, 0))?.voteCount, 21, 'votes from updates of one proposal')

    storage = await step()
    await Promise.all(ids.map(async () => storage.updateScopeConfig(SCOPE, config => ({ ...config, defaultTimeout: config.defaultTimeout + 1 }))))
    equal((await (await step()).getScopeConfig(SCOPE))?.defaultTimeout, 80, 'updates of one configuration')

    storage = await step()
    const removed = await Promise.all(ids.map(async () => storage.removeSession(SCOPE, 3)))
    equal(removed.filter(session => session != null).length, 1, 'how often one session was removed')

    storage = await step()
    await Promise.all(ids.map(async id => storage.updateScopeSessions(SCOPE, sessions => sessions.filter(({ proposal }) => proposal.proposalId !== id))))
    equal(await (await step()).listScopes(), undefined, 'a scope of which each session was dropped')
  },

  'can be read one session at a time while it changes, and not to the end': async step => {
    for (let id = 0; id < 10; id++) {
      await (await step()).saveSession(SCOPE, voted(session(id), 2))
    }

    const storage = await step()
    const seen: number[] = []

    for await (const { proposal: { proposalId }, voteCount } of storage.streamScopeSessions(SCOPE)) {
      seen.push(proposalId)
      equal(voteCount, 2, 'votes of a streamed session')
      await storage.removeSession(SCOPE, proposalId)

      if (seen.length === 5) {
        break
      }
    }

    equal(seen, [0, 1, 2, 3, 4], 'what was streamed')
    equal(idsOf(await (await step()).listScopeSessions(SCOPE)), [5, 6, 7, 8, 9], 'what is left')
  },

  'comes to an end of reading when sessions are stored meanwhile': async step => {
    for (let id = 0; id < 5; id++) {
      await (await step()).saveSession(SCOPE, session(id))
    }

    const storage = await step()
    const seen: number[] = []

    for await (const { proposal: { proposalId } } of storage.streamScopeSessions(SCOPE)) {
      seen.push(proposalId)
      await storage.saveSession(SCOPE, session(100 + seen.length))

      if (seen.length > 100) {
        throw new Error('streamScopeSessions: expected an end, got session after session')
      }
    }

    equal(seen.slice(0, 5), [0, 1, 2, 3, 4], 'what was streamed')
  },

  'serves a service': async step => {
    const service = async (): Promise<ConsensusService> => new ConsensusService({
      storage: await step(),
      scheme: { verify: () => true },
      clock: () => NOW,
      maxSessionsPerScope: 2
    })
    const ids: number[] = []

    for (let index = 0; index < 3; index++) {
      const { proposalId } = await (await service()).createProposal(SCOPE, {
        name: `Proposal ${index}`,
        payload: new Uint8Array(index),
        proposalOwner: owner(0),
        expectedVotersCount: 3,
        expirationTimestamp: 60n,
        livenessCriteriaYes: true
      })

      ids.push(proposalId)
    }

    for (const voter of [1, 2]) {
      await (await service()).castVote(SCOPE, ids[1], false, { identity: owner(voter), sign: () => Uint8Array.of(voter) })
    }

    await (await service()).processIncomingVote(SCOPE, vote(ids[2], 1, true))
    equal(await (await service()).handleConsensusTimeout(SCOPE, ids[2]), true, 'result at the timeout')

    equal(idsOf(await (await step()).listScopeSessions(SCOPE)), [ids[1], ids[2]], 'sessions left after trimming')
    equal([...await getReachedProposals(await step(), SCOPE)], [[ids[1], false], [ids[2], true]], 'results')
    equal(await (await service()).getScopeStats(SCOPE), { totalSessions: 2, activeSessions: 0, failedSessions: 0, consensusReached: 2 }, 'getScopeStats')
  }
}

function session (proposalId: number, values: Partial<Proposal> = {}, config: ConsensusConfig = gossipsubConfig()): ConsensusSession {
  return ConsensusSession.create({
    name: `Proposal ${proposalId}`,
    payload: Uint8Array.of(1, 2, 3),
    proposalId,
    proposalOwner: owner(0),
    votes: [],
    expectedVotersCount: 50,
    round: 1,
    timestamp: NOW,
    expirationTimestamp: NOW + 60n,
    livenessCriteriaYes: true,
    ...values
  }, config, NOW)
}

/** Of three voters, of whom two decide */
function trioSession (proposalId: number): ConsensusSession {
  return quorumSession(proposalId, { expectedVotersCount: 3 })
}

function boundVote ({ proposal, digest }: ConsensusSession, voter: number, choice: boolean): Vote {
  const built = buildVote({ proposalId: proposal.proposalId, owner: owner(voter), choice, timestamp: NOW, votes: [], digest })

  return { ...built, signature: new Uint8Array(65).fill(voter) }
}

function owner (voter: number): Uint8Array {
  return Uint8Array.from({ length: 20 }, (_, index) => (voter + index * 7) & 0xff)
}

/** A session under the rule by which everybody may be found to have voted both ways */
function quorumSession (proposalId: number, values: Partial<Proposal> = {}): ConsensusSession {
  return session(proposalId, values, { ...gossipsubConfig(), decisionRule: 'quorum', policyDigest: new Uint8Array(32).fill(3), exactThreshold: '2/3' })
}

/** The session with votes of voters 1 to 127, each said by the voter's number, below 0 for no */
function boundVotes (session: ConsensusSession, ...votes: number[]): ConsensusSession {
  return votes.reduce((voted, number) => voted.addVote(boundVote(voted, Math.abs(number), number > 0), NOW).session, session)
}

/** Two votes of a voter, none of which was cast in the proposal's time */
function evidenceOn (session: ConsensusSession, voter: number): Evidence {
  const [first, second] = [true, false].map(choice => {
    const { proposalId, timestamp } = session.proposal
    const built = buildVote({ proposalId, owner: owner(voter), choice, timestamp: timestamp - 1n, votes: [], digest: session.digest })

    return { ...built, signature: new Uint8Array(65).fill(voter) }
  })

  return { first, second }
}

/** The number by which a vote was made */
function voterOf ({ voteOwner, vote }: Vote): number {
  return vote ? voteOwner[0] : -voteOwner[0]
}

/** A vote whose values follow from the voter. Storages do not verify signatures. */
function vote (proposalId: number, voter: number, choice: boolean): Vote {
  const built = buildVote({ proposalId, owner: owner(voter), choice, timestamp: NOW, votes: [] })

  return { ...built, signature: new Uint8Array(65).fill(voter) }
}

/** Votes have random ids, so each is made once */
const madeVotes = new Map<string, Vote>()

/** The session with the votes of so many voters, from the `from`th on */
function voted (session: ConsensusSession, count: number, from = 0): ConsensusSession {
  const { proposalId } = session.proposal

  for (let voter = from; voter < from + count; voter++) {
    const key = `${proposalId} ${voter}`
    const made = madeVotes.get(key) ?? vote(proposalId, voter, voter % 2 === 0)

    madeVotes.set(key, made)
    session = session.addVote(made, NOW).session
  }

  return session
}

/** Every state, and values at the ends of their ranges */
function variedSessions (): ConsensusSession[] {
  const latest = 2n ** 64n - 1n
  const { proposal, config } = session(11)

  return [
    session(1),
    voted(session(2), 5),
    session(3, { name: '', payload: new Uint8Array(0), proposalOwner: new Uint8Array(0), expectedVotersCount: 4_294_967_295, expirationTimestamp: latest, livenessCriteriaYes: false }),
    session(0, { name: 'Ünï🗳\u0000', payload: new Uint8Array(2000).fill(255), proposalOwner: new Uint8Array(100).fill(9), expectedVotersCount: 0 }, { ...p2pConfig(), consensusThreshold: 0.1 + 0.2, consensusTimeout: 1e-3, maxRounds: 4_294_967_295, livenessCriteria: false, decisionRule: 'legacy' }),
    session(4_294_967_295, { timestamp: 0n, expirationTimestamp: 2n ** 31n }),
    session(6, { timestamp: 2n ** 32n - 1n, expirationTimestamp: 2n ** 63n }),
    voted(session(7, { expectedVotersCount: 2 }), 2),
    session(8).timeOut().session,
    session(9, { livenessCriteriaYes: false }).timeOut().session,
    voted(session(10, { expectedVotersCount: 2 }), 1).timeOut().session,
    ConsensusSession.fromParts({ proposal, config, createdAt: 2n ** 32n - 1n, state: 'active', votes: [] })
  ]
}

async function summaries (storage: ConsensusStorage, query?: SummaryQuery): Promise<SessionSummary[]> {
  const found: SessionSummary[] = []

  for await (const summary of streamSummaries(storage, SCOPE, query)) {
    found.push(summary)
  }

  return found
}

async function ofDay (storage: ConsensusStorage, day: number): Promise<SyncSummary[]> {
  const found: SyncSummary[] = []

  for await (const summary of streamDay(storage, SCOPE, day)) {
    found.push(summary)
  }

  return found
}

/** A summary as text. A storage may say more than it is asked. */
function withoutHash (summary: SessionSummary): string {
  return show({ ...summary, voteSetHash: undefined })
}

function idsOf (sessions: ConsensusSession[] | undefined): number[] | undefined {
  return sessions?.map(({ proposal }) => proposal.proposalId)
}

async function streamed (storage: ConsensusStorage, scope: string): Promise<ConsensusSession[]> {
  const sessions: ConsensusSession[] = []

  for await (const session of storage.streamScopeSessions(scope)) {
    sessions.push(session)
  }

  return sessions
}

function equalSessions (actual: Array<ConsensusSession | undefined> | undefined, expected: ConsensusSession[], what: string): void {
  equal(actual?.map(showSession), expected.map(showSession), what)
}

/** All that a session says of itself */
function showSession (session: ConsensusSession | undefined): unknown {
  if (session == null) {
    return undefined
  }

  const { config, createdAt, state, result, contradicted, decidedAt, tally, voteCount, signature, pruned } = session
  const evidence = session.evidence.map(({ owner, first, second }) => [owner, first, second].map(bytesToHex).join(' ')).sort()

  return { proposal: session.toProposal(), config, createdAt, state, result, contradicted, decidedAt, tally, voteCount, signature, pruned, evidence, encoded: session.encodedVotes() }
}

function equal (actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [show(actual), show(expected)]

  if (got !== wanted) {
    throw new Error(`${what}: expected ${wanted}, got ${got}`)
  }
}

async function fails (promise: Promise<unknown>, name: string): Promise<void> {
  let outcome = 'nothing'

  try {
    await promise
  } catch (err: any) {
    outcome = err?.name ?? String(err)
  }

  equal(outcome, name, 'error')
}

/** A text that is the same for equal values only; fields that are undefined are as if they were not there */
function show (value: unknown): string {
  if (typeof value === 'bigint') {
    return `${value}n`
  }

  if (value instanceof Uint8Array) {
    return `bytes ${bytesToHex(value)}`
  }

  if (Array.isArray(value)) {
    return `[${value.map(show).join(', ')}]`
  }

  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined)

    return `{${fields.sort(([a], [b]) => a < b ? -1 : 1).map(([key, field]) => `${key}: ${show(field)}`).join(', ')}}`
  }

  return JSON.stringify(value) ?? 'undefined'
}

function global (name: 'describe' | 'it'): any {
  const found = (globalThis as any)[name]

  if (typeof found !== 'function') {
    throw new TypeError(`There is no global ${name}: give storageTests the ${name} of your test runner`)
  }

  return found
}
