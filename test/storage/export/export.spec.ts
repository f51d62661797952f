import { join } from 'node:path'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import { announcementDigest, parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { makeCertificate } from '../../../src/consensus/proofs/certificate.ts'
import { streamEvidence } from '../../../src/consensus/proofs/evidence-query.ts'
import { encodeProposal } from '../../../src/consensus/proposal/proposal.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote/vote-lock.ts'
import { decodeVote, encodeVote } from '../../../src/consensus/vote/vote.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { importStore } from '../../../src/node/import/import-store.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { exportStore } from '../../../src/storage/export/export.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { makeProposal, makeVote } from '../../utils/messages.ts'
import { boundVote, digestOf, quorumProposal, twins } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Proposal } from '../../../src/consensus/proposal/proposal.ts'
import type { ConsensusSession } from '../../../src/consensus/session/session.ts'
import type { ConsensusSigner } from '../../../src/consensus/signing.ts'
import type { ConsensusStorage, PolicyStorage, RefusedProposal } from '../../../src/consensus/storage/interface.ts'
import type { Vote } from '../../../src/consensus/vote/vote.ts'
import type { ImportInit, ImportSummary } from '../../../src/node/import/import-store.ts'

const NOW = 1_700_000_000n
const LATER = NOW + 1_000n
const scheme = ethereumScheme()
const signers = [1, 2, 3, 4].map(byte => ethereumSigner(new Uint8Array(32).fill(byte)))
const [alice, bob, carol, stranger] = signers
const POLICY = parsePolicy({ name: 'council', decisionRule: 'reference', voters: [alice, bob, carol].map(({ identity }) => identityToAddress(identity)), minLifetimeSeconds: 1 })
const OPEN = parsePolicy({ name: 'lobby', decisionRule: 'reference', minLifetimeSeconds: 1 })
const SCOPE = scopeKey(POLICY)

type Store = ConsensusStorage & PolicyStorage

async function linesOf (storage: Store): Promise<string[]> {
  const lines: string[] = []

  for await (const line of exportStore(storage)) {
    lines.push(line)
  }

  return lines
}

/** In pieces that end anywhere, as files are read */
async function * pieces (text: string, size = 1_000): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)

  for (let start = 0; start < bytes.byteLength; start += size) {
    yield bytes.subarray(start, start + size)
  }
}

async function imported (storage: Store, lines: string[], init: Partial<ImportInit> = {}): Promise<ImportSummary> {
  return importStore(storage, pieces(lines.join('')), { scheme, clock: () => LATER, ...init })
}

/** The lines with changed ones, and an end that fits them again */
function forged (lines: string[], change: (line: any, index: number) => any): string[] {
  const body = lines.slice(0, -1).map((line, index) => `${JSON.stringify(change(JSON.parse(line), index))}\n`)

  return [...body, `${JSON.stringify({ ...JSON.parse(lines[lines.length - 1]), sha256: bytesToHex(sha256(new TextEncoder().encode(body.join('')))) })}\n`]
}

/** A proposal that is decided, one that ended by timeout, one that failed, one that is voted on, one in an open scope */
async function fill (storage: Store): Promise<void> {
  const service = new ConsensusService({ scheme, storage, clock: () => NOW, maxSessionsPerScope: Infinity })

  const propose = async (proposalId: number, changes: Partial<Proposal> = {}, policy = POLICY): Promise<Proposal> => {
    const proposal = makeProposal(alice, policy, { timestamp: NOW, proposalId, name: `Go ${proposalId}? ✓`, payload: Uint8Array.of(0, 255), ...changes })
    const signature = await alice.sign(announcementDigest(policy, proposal))

    await service.processIncomingProposal(scopeKey(policy), proposal, { signature })

    return proposal
  }
  const vote = async (proposal: Proposal, voters: typeof signers, choice: boolean, policy = POLICY): Promise<void> => {
    for (const voter of voters) {
      await service.processIncomingVote(scopeKey(policy), await makeVote(voter, proposal, choice))
    }
  }

  for (const policy of [POLICY, OPEN]) {
    await storage.setScopeConfig(scopeKey(policy), scopeConfig(policy))
    await storage.savePolicy(policy)
  }

  await storage.saveSettings('council', { retainVotesSeconds: 3_600 })
  await vote(await propose(1), [alice, bob, carol], false)
  await vote(await propose(2), [bob], true)
  await service.handleConsensusTimeout(SCOPE, 2)
  await vote(await propose(3, { livenessCriteriaYes: false, expectedVotersCount: 3 }), [alice], true)
  await service.handleConsensusTimeout(SCOPE, 3).catch(() => {})
  await vote(await propose(4, { expirationTimestamp: LATER + 60n }), [alice], true)
  await vote(await propose(5, { expectedVotersCount: 2 }, OPEN), [alice, stranger], true, OPEN)
}

/** What two stores must agree on: not when they learned of it */
async function contents (storage: Store): Promise<string> {
  return (await linesOf(storage)).slice(0, -1).map(line => line.replace(/"createdAt":"\w+",/, '')).join('')
}

describe('Exporting and importing', () => {
  const folder = useTempFolder()
  let source: MemoryStorage
  let lines: string[]
  let target: LevelStorage

  beforeEach(async () => {
    source = new MemoryStorage()
    await fill(source)
    lines = await linesOf(source)
    target = await LevelStorage.open(join(folder.path, 'store'))
  })

  afterEach(async () => {
    await target.close()
  })

  it('brings policies, settings, proposals, votes and outcomes to another store', async () => {
    const copy = new MemoryStorage()

    expect(await imported(copy, lines)).to.deep.equal({ policiesAdded: 2, proposalsAdded: 5, proposalsExtended: 0, proposalsKnown: 0, votesAdded: 7, collisionsAdded: 0, leftOut: {}, differences: [] })
    expect(await contents(copy)).to.equal(await contents(source))
    expect(await copy.getSettings('council')).to.deep.equal({ retainVotesSeconds: 3_600 })

    // with the same in LevelDB
    await imported(target, lines)

    for (const [proposalId, state, result] of [[1, 'reached', false], [2, 'reached', true], [3, 'reached', false], [4, 'active', undefined]] as const) {
      expect(await target.getSession(SCOPE, proposalId)).to.include({ state, result })
    }

    expect((await target.listPolicies()).map(({ name }) => name)).to.deep.equal(['council', 'lobby'])
    expect(await target.getScopeConfig(SCOPE)).to.deep.equal(scopeConfig(POLICY))
  })

  it('changes nothing the second time', async () => {
    await imported(target, lines)
    const before = await linesOf(target)

    // a store that keeps no signatures cannot give them, which changes nothing here
    expect(await imported(target, lines, { clock: () => LATER + 1n })).to.include({ policiesAdded: 0, proposalsAdded: 0, proposalsExtended: 0, proposalsKnown: 5, votesAdded: 0 })
    expect(await linesOf(target)).to.deep.equal(before)
  })

  it('adds the votes that are not known to a proposal that is', async () => {
    const { proposal, signature } = await source.getSession(SCOPE, 1) as any
    const service = new ConsensusService({ scheme, storage: target, clock: () => NOW })
    await target.setScopeConfig(SCOPE, scopeConfig(POLICY))
    await service.processIncomingProposal(SCOPE, { ...proposal, round: 1, votes: [] }, { signature })
    await service.processIncomingVote(SCOPE, await makeVote(carol, proposal, false))

    expect(await imported(target, lines)).to.include({ proposalsAdded: 4, proposalsExtended: 1, votesAdded: 6 })
    expect(await target.getSession(SCOPE, 1)).to.include({ state: 'reached', result: false, voteCount: 2 })
  })

  it('recomputes outcomes and says where the file has another', async () => {
    const lied = forged(lines, line => line.type === 'proposal' && line.outcome === 'no' ? { ...line, outcome: 'yes' } : line)

    expect((await imported(target, lied)).differences).to.deep.equal([1, 3].map(proposalId => ({ scope: SCOPE, proposalId, exported: 'yes', computed: 'no' })))
    expect((await target.getSession(SCOPE, 1))?.result).to.equal(false)
  })

  it('ends by timeout only what has expired', async () => {
    const { differences } = await imported(target, lines, { clock: () => NOW + 1n })

    expect(differences.map(({ proposalId, computed }) => [proposalId, computed])).to.deep.equal([[2, 'active'], [3, 'active']])
  })

  it('binds our own key to the votes it brings', async () => {
    const voteLock = new MemoryVoteLock()
    await imported(target, lines, { identity: alice.identity, voteLock })

    expect((await voteLock.find(SCOPE, makeProposal(alice, POLICY, { proposalId: 4 }), alice.identity))?.vote).to.equal(true)
    expect(await voteLock.find(SCOPE, makeProposal(alice, POLICY, { proposalId: 4 }), bob.identity)).to.equal(undefined)
  })

  it('leaves out, and says so, what cannot be checked', async () => {
    const withoutPolicy = forged(lines.filter(line => !line.includes('"policy":')), line => line)
    const end = JSON.parse(withoutPolicy.pop() ?? '')
    const { leftOut, proposalsAdded } = await imported(target, [...withoutPolicy, `${JSON.stringify({ ...end, policies: 0 })}\n`])

    expect(leftOut).to.deep.equal({ 'their scope\'s policy is neither in the file nor joined here: join it, then import again': 5 })
    expect(proposalsAdded).to.equal(0)

    const pruned = forged(lines, (line, index) => index === 3 ? { ...line, votes: 0, pruned: { yes: 0, no: 2, voteSetHash: '00'.repeat(32) } } : line)
      .filter((_, index) => ![4, 5].includes(index))
    const endOfPruned = JSON.parse(pruned.pop() ?? '')
    const text = pruned.join('')
    const result = await imported(target, [text, `${JSON.stringify({ ...endOfPruned, votes: endOfPruned.votes - 2, sha256: bytesToHex(sha256(new TextEncoder().encode(text))) })}\n`])

    expect(result.leftOut).to.deep.equal({ 'their votes were given up before the export, so that their outcome cannot be checked': 1 })
  })

  it('keeps the policy that is joined where the file has another of its name', async () => {
    const other = parsePolicy({ ...POLICY, threshold: 1 })
    await target.savePolicy(other)

    expect(await imported(target, lines)).to.include({ policiesAdded: 1, proposalsAdded: 5 })
    expect(await target.listPolicies()).to.deep.include(other)
  })

  describe('of a scope that decides by quorum', () => {
    const QUORUM = parsePolicy({ ...POLICY, name: 'board', decisionRule: 'quorum', voters: signers.map(({ identity }) => identityToAddress(identity)) })
    const BOARD = scopeKey(QUORUM)
    const time = { now: NOW }
    let board: LevelStorage
    let service: ConsensusService

    beforeEach(async () => {
      time.now = NOW
      board = await LevelStorage.open(join(folder.path, 'board'))
      service = new ConsensusService({ scheme, storage: board, clock: () => time.now, maxSessionsPerScope: Infinity })
      await board.setScopeConfig(BOARD, scopeConfig(QUORUM))
      await board.savePolicy(QUORUM)
    })

    afterEach(async () => {
      await board.close()
    })

    /** A proposal with votes of the signers 1 to 4, below 0 for no */
    async function decide (name: string, votes: number[], changes: Partial<Proposal> = {}): Promise<number> {
      const proposal = quorumProposal(alice, QUORUM, { timestamp: NOW, name, ...changes })

      await service.processIncomingProposal(BOARD, proposal, { signature: await alice.sign(announcementDigest(QUORUM, proposal)) })

      for (const vote of votes) {
        await service.processIncomingVote(BOARD, await boundVote(signers[Math.abs(vote) - 1], QUORUM, proposal, vote > 0))
      }

      return proposal.proposalId
    }

    async function evidenceIn (storage: Store): Promise<unknown[]> {
      const found: unknown[] = []

      for await (const { evidence: { first } } of streamEvidence(storage, BOARD)) {
        found.push([first.proposalId, first.voteOwner])
      }

      return found
    }

    it('brings both votes of whoever has voted both ways', async () => {
      const decided = await decide('Decided', [1, 2, -3, 3])
      const undecided = await decide('Undecided', [-4, 4])

      expect(await imported(target, await linesOf(board))).to.deep.include({ proposalsAdded: 2, votesAdded: 6, differences: [] })
      expect(await target.getSession(BOARD, decided)).to.deep.include({ result: true, tally: { yes: 3, no: 1, doubles: 1 } })
      expect(await target.getSession(BOARD, undecided)).to.deep.include({ tally: { yes: 1, no: 1, doubles: 1 } })
      expect(await evidenceIn(target)).to.deep.equal(await evidenceIn(board))
      expect(await imported(target, await linesOf(board))).to.include({ proposalsKnown: 2, votesAdded: 0 })
    })

    describe('in which two proposals have one id', () => {
      let pair: [Proposal, Proposal]

      /** What a store has refused that holds the first of the two, or the second */
      const refusedOf = (held: 0 | 1): RefusedProposal => {
        const { proposalId, name, proposalOwner } = pair[1 - held]

        return { proposalId, name, proposer: proposalOwner, digest: digestOf(QUORUM, pair[1 - held]) }
      }
      const hold = async (storage: Store, held: 0 | 1): Promise<void> => {
        const service = new ConsensusService({ scheme, storage, clock: () => NOW, maxSessionsPerScope: Infinity })

        await service.processIncomingProposal(BOARD, pair[held], { signature: await alice.sign(digestOf(QUORUM, pair[held])) })
      }

      before(() => {
        pair = twins(alice, QUORUM, { timestamp: NOW })
      })

      it('brings the alarm, once', async () => {
        await hold(board, 0)
        await board.saveRefused(BOARD, refusedOf(0))

        const lines = await linesOf(board)

        expect(await imported(target, lines)).to.include({ proposalsAdded: 1, collisionsAdded: 1 })
        expect(await target.listRefused(BOARD)).to.deep.equal([refusedOf(0)])
        expect(await imported(target, lines)).to.include({ proposalsKnown: 1, collisionsAdded: 0 })
      })

      it('raises the alarm where the file has the other proposal', async () => {
        await hold(board, 0)
        await target.setScopeConfig(BOARD, scopeConfig(QUORUM))
        await target.savePolicy(QUORUM)
        await hold(target, 1)

        expect(await imported(target, await linesOf(board))).to.deep.include({ proposalsAdded: 0, collisionsAdded: 1, leftOut: { 'another proposal with the same id is stored here': 1 } })
        expect(await target.listRefused(BOARD)).to.deep.equal([refusedOf(1)])
      })

      it('says nothing of a proposal that is the one held here, and refuses what cannot be', async () => {
        await hold(board, 0)
        await board.saveRefused(BOARD, refusedOf(1))
        expect(await imported(target, await linesOf(board))).to.include({ collisionsAdded: 0 })
        await board.saveRefused(BOARD, { ...refusedOf(0), digest: new Uint8Array(32).fill(9) })
        await expect(imported(target, await linesOf(board))).to.eventually.be.rejectedWith(/Line 4 of the export holds a proposal that cannot have been refused/)
      })
    })

    it('brings evidence with votes that were not cast in time, which count for nothing', async () => {
      const proposalId = await decide('Undecided', [1])
      const { proposal } = await board.getSession(BOARD, proposalId) as ConsensusSession
      const untimely = async (voter: ConsensusSigner, choice: boolean): Promise<Vote> => boundVote(voter, QUORUM, { ...proposal, round: 1, votes: [] }, choice, { timestamp: NOW - 1n })

      await imported(target, await linesOf(board))
      await service.processEvidence(BOARD, { first: await untimely(signers[2], true), second: await untimely(signers[2], false) })

      const lines = await linesOf(board)

      expect(await imported(target, lines)).to.deep.include({ proposalsExtended: 1, votesAdded: 0, differences: [] })
      expect(await target.getSession(BOARD, proposalId)).to.deep.include({ voteCount: 1, tally: { yes: 1, no: 0 } })
      expect(await evidenceIn(target)).to.deep.equal([[proposalId, signers[2].identity]])
      expect(await imported(target, lines)).to.include({ proposalsKnown: 1, proposalsExtended: 0 })

      // the order of the file and what is in it are checked as for votes
      await expect(imported(target, forged(lines, line => line.type === 'proposal' ? { ...line, evidence: 0 } : line))).to.eventually.be.rejectedWith(/Line 5 .*evidence that the proposal before it does not announce/)
      await expect(imported(target, forged(lines, line => line.type === 'proposal' ? { ...line, evidence: 2 } : line))).to.eventually.be.rejectedWith(/Line 6 .*must be evidence 2 of the 2/)
      await target.deleteScope(BOARD)
      await expect(imported(target, forged(lines, line => line.type === 'evidence' ? { ...line, second: line.first } : line))).to.eventually.be.rejectedWith(/Line 5 .*evidence that is not valid/)
      await expect(imported(target, forged(lines, line => line.type === 'evidence' ? { ...line, second: line.second.slice(0, -2) + (line.second.endsWith('1b') ? '1c' : '1b') } : line))).to.eventually.be.rejectedWith(/Line 5 .*evidence that is not valid/)
    })

    it('keeps a conflict, and a result that is contradicted', async () => {
      const contradicted = await decide('Contradicted', [1, 2, 3, -3, -2, -4])
      const conflict = await decide('Conflict', [])
      const { proposal } = await board.getSession(BOARD, conflict) as ConsensusSession
      const votes = await Promise.all([1, 2, 3, -3, -2, -4].map(async vote => boundVote(signers[Math.abs(vote) - 1], QUORUM, { ...proposal, round: 1, votes: [] }, vote > 0)))

      await service.processIncomingVotes(BOARD, conflict, votes)
      expect(await board.getSession(BOARD, conflict)).to.include({ state: 'conflict' })

      expect(await imported(target, await linesOf(board))).to.deep.include({ votesAdded: 12, differences: [] })
      expect(await target.getSession(BOARD, contradicted)).to.include({ state: 'reached', result: true, contradicted: true })
      expect(await target.getSession(BOARD, conflict)).to.include({ state: 'conflict' })

      // the last vote is one of the conflict
      const lines = await linesOf(board)
      const again = forged(lines, (line, index) => index === lines.length - 2 ? { ...line, vote: line.vote.slice(0, -2) + (line.vote.endsWith('1b') ? '1c' : '1b') } : line)

      await target.deleteScope(BOARD)
      await expect(imported(target, again)).to.eventually.be.rejectedWith(`Line ${lines.length - 1} of the export holds a vote that is not valid`)
    })

    it('keeps when the results were decided, but no time that is still to come', async () => {
      const late = await decide('Late', [1, 2])
      const soon = await decide('Soon', [1, 2, 3])

      time.now = NOW + 2n * 86_400n
      await service.processIncomingVote(BOARD, await boundVote(signers[2], QUORUM, (await board.getSession(BOARD, late) as ConsensusSession).toProposal(), true), { late: true })
      expect(await board.getSession(BOARD, late)).to.include({ decidedAt: time.now, late: true })

      await imported(target, await linesOf(board), { clock: () => NOW + 10n * 86_400n })
      expect(await target.getSession(BOARD, late)).to.include({ decidedAt: time.now, late: true })
      expect(await target.getSession(BOARD, soon)).to.include({ decidedAt: NOW, late: false })

      // a result that was known here stays as it is
      await imported(target, forged(await linesOf(board), line => line.type === 'proposal' ? { ...line, decidedAt: '5' } : line), { clock: () => NOW + 10n * 86_400n })
      expect(await target.getSession(BOARD, late)).to.include({ decidedAt: time.now })

      await target.deleteScope(BOARD)
      await imported(target, forged(await linesOf(board), line => line.type === 'proposal' ? { ...line, decidedAt: `${NOW * 2n}` } : line), { clock: () => NOW + 10n * 86_400n })
      expect(await target.getSession(BOARD, soon)).to.include({ decidedAt: NOW + 10n * 86_400n })
    })

    it('adds the opposite vote of a voter whose other one is known', async () => {
      const proposalId = await decide('Undecided', [4])
      const before = await linesOf(board)
      const { proposal } = await board.getSession(BOARD, proposalId) as ConsensusSession

      await service.processIncomingVote(BOARD, await boundVote(stranger, QUORUM, { ...proposal, round: 1, votes: [] }, false))
      await imported(target, before)

      expect(await imported(target, await linesOf(board))).to.include({ proposalsExtended: 1, votesAdded: 1 })
      expect((await target.getSession(BOARD, proposalId))?.tally).to.deep.equal({ yes: 1, no: 1, doubles: 1 })
    })

    it('refuses a second vote of a voter for the same side', async () => {
      await decide('Undecided', [4, -3])
      const lines = await linesOf(board)
      const again = forged(lines, (line, index) => index === 4 ? JSON.parse(lines[3]) : line)

      await expect(imported(target, again)).to.eventually.be.rejectedWith(/Line 5 .*second vote of its voter for this side/)
    })

    it('brings what proves the result where the other votes were given up, and leaves out what nothing proves', async () => {
      const decided = await decide('Decided', [-4, -3, -1, 3, 2])
      const undecided = await decide('Undecided', [-4, 4, 1])

      await service.handleConsensusTimeout(BOARD, undecided).catch(() => {})
      await board.pruneVotes(BOARD, decided)
      await board.pruneVotes(BOARD, undecided)

      const certificate = makeCertificate(await board.getSession(BOARD, decided) as ConsensusSession, QUORUM)
      const summary = await imported(target, await linesOf(board))

      expect(summary).to.deep.include({ proposalsAdded: 1, votesAdded: 4, differences: [], leftOut: { 'their votes were given up before the export, so that their outcome cannot be checked': 1 } })
      expect(makeCertificate(await target.getSession(BOARD, decided) as ConsensusSession, QUORUM)).to.deep.equal(certificate)
      expect(await evidenceIn(target)).to.deep.equal([[decided, carol.identity]])
      expect(await target.getSession(BOARD, undecided)).to.equal(undefined)
      expect(await imported(target, await linesOf(board))).to.include({ proposalsKnown: 1, votesAdded: 0 })
    })

    it('is not believed where it claims a proof and has none', async () => {
      const proposalId = await decide('Decided', [1, 2, 3])

      await board.pruneVotes(BOARD, proposalId)

      const lines = await linesOf(board)
      const fewer = lines.filter((_, index) => index !== 4)
      const cut = forged(fewer, line => line.type === 'proposal' ? { ...line, votes: 2 } : line)
      const end = JSON.parse(cut.pop() ?? '')
      const summary = await imported(target, [...cut, `${JSON.stringify({ ...end, votes: 2 })}\n`])

      expect(summary).to.include({ proposalsAdded: 0, votesAdded: 0 })
      expect(await target.getSession(BOARD, proposalId)).to.equal(undefined)
    })

    it('ends nothing, however long ago the time was up: that is for the node, when it has asked others', async () => {
      const open = await decide('Still open', [1, 2])
      const failed = await decide('Failed', [-1, -2])

      await service.handleConsensusTimeout(BOARD, failed).catch(() => {})

      const { differences } = await imported(target, await linesOf(board), { clock: () => NOW + 1_000_000n })

      for (const proposalId of [open, failed]) {
        expect(await target.getSession(BOARD, proposalId)).to.include({ state: 'active' })
      }

      expect(differences).to.deep.equal([])
    })
  })

  describe('of a file that is not right', () => {
    async function expectRefused (text: string, line: number, problem: RegExp): Promise<void> {
      const before = await linesOf(target)
      const err: any = await importStore(target, pieces(text, 7_777), { scheme, clock: () => LATER }).catch(err => err)

      expect(err).to.include({ name: 'ExportFileError', line })
      expect(err.message).to.match(problem).and.include(`Line ${line} of the export`).and.include('Nothing was imported')
      expect(err.message).to.not.include('\n')
      expect(await linesOf(target)).to.deep.equal(before)
      expect(await target.listScopes()).to.equal(undefined)
    }

    it('changes nothing if it is cut off, wherever that is', async () => {
      const text = lines.join('')

      for (let length = 0; length < text.length - 1; length += 101) {
        const cut = text.slice(0, length)
        const breaks = cut.split('\n').length

        await expectRefused(cut, breaks, /cut off|no export/)
      }
    })

    it('changes nothing if a character is changed, wherever that is', async () => {
      const text = lines.join('')

      for (let index = 0; index < text.length - 1; index += 127) {
        const changed = `${text.slice(0, index)}${text[index] === '0' ? '1' : '0'}${text.slice(index + 1)}`
        const err: any = await importStore(target, pieces(changed), { scheme, clock: () => LATER }).catch(err => err)

        expect(err.name, `character ${index}`).to.equal('ExportFileError')
      }

      expect(await target.listScopes()).to.equal(undefined)
      expect(await target.listPolicies()).to.deep.equal([])
    })

    it('says what is wrong with the form, and where', async () => {
      await expectRefused('hello\n', 1, /is no JSON, so the file is no export/)
      await expectRefused('', 1, /is missing/)
      await expectRefused('{"type":"store","format":"other","version":1}\n', 1, /must have the format "libp2p-voting-export"/)
      await expectRefused(lines.join('').replace('"version":2', '"version":1'), 1, /version 1 of the format, this version of libp2p-voting reads version 2/)
      await expectRefused(`${lines.join('')}${lines[0]}`, lines.length + 1, /comes after the line of type "end"/)
      await expectRefused(forged(lines, (line, index) => index === 1 ? { type: 'zebra' } : line).join(''), 2, /is of no type/)
      await expectRefused(forged(lines, (line, index) => index === 3 ? { ...line, votes: 1 } : line).join(''), 6, /is a vote that the proposal before it does not announce/)
      await expectRefused(forged(lines, (line, index) => index === 3 ? { ...line, votes: 3 } : line).join(''), 7, /must be vote 3 of the 3 that line 4 announces/)
      await expectRefused('x'.repeat(5_000_000), 1, /is longer than/)
      await expectRefused(`${lines[0]}${JSON.stringify({ type: 'policy', policy: { name: 'BAD' } })}\n`, 2, /holds a policy that is not valid: .*name: must be/)
    })

    it('passes the checks of the network, with a checksum that fits', async () => {
      const proposal = makeProposal(alice, POLICY, { timestamp: NOW, proposalId: 1 })
      const withVote = (vote: Uint8Array): string => forged(lines, (line, index) => index === 4 ? { ...line, vote: bytesToHex(vote) } : line).join('')
      const vote = decodeVote(Uint8Array.from(Buffer.from(JSON.parse(lines[4]).vote, 'hex')))

      await expectRefused(withVote(encodeVote(await makeVote(stranger, proposal, true))), 5, /is not among the voters of the scope/)
      await expectRefused(withVote(encodeVote({ ...vote, vote: !vote.vote })), 5, /vote hash/)
      await expectRefused(withVote(encodeVote({ ...vote, signature: (await makeVote(bob, proposal, true)).signature })), 5, /signature/)
      await expectRefused(withVote(encodeVote(await makeVote(alice, proposal, true, { timestamp: LATER }))), 5, /after the proposal's expiration/)
      await expectRefused(withVote(encodeVote(await makeVote(alice, { ...proposal, proposalId: 2 }, true))), 5, /it is on proposal 2, not on 1/)
      await expectRefused(withVote(encodeVote(await makeVote(bob, proposal, false))), 6, /second vote of its voter/)
      await expectRefused(withVote(Uint8Array.of(1, 2, 3)), 5, /holds a vote that is not valid/)
    })

    it('has proposals signed by their owners, and within the policy', async () => {
      const change = (changes: object): string => forged(lines, (line, index) => index === 3 ? { ...line, ...changes } : line).join('')
      const { proposal } = await source.getSession(SCOPE, 1) as any
      const encoded = (changes: Partial<Proposal>): string => bytesToHex(encodeProposal({ ...proposal, round: 0, votes: [], ...changes }))

      await expectRefused(change({ signature: undefined }), 4, /has no signature of its owner/)
      await expectRefused(change({ signature: JSON.parse(lines[6]).signature }), 4, /is not signed by its owner/)
      await expectRefused(change({ proposal: encoded({ name: 'Other?' }) }), 4, /is not signed by its owner/)
      await expectRefused(change({ proposal: encoded({ proposalOwner: stranger.identity }) }), 4, /not among those who may propose/)
      await expectRefused(change({ proposal: encoded({ expectedVotersCount: 1 }) }), 4, /expectedVotersCount must be 3/)
      await expectRefused(change({ proposal: encoded({ timestamp: LATER + 100n, expirationTimestamp: LATER + 200n }) }), 4, /in the future/)
      await expectRefused(change({ proposal: '0102' }), 4, /proposal that cannot be read/)
    })
  })
})
