/**
 * Takes an export of a store into another one. Nothing in it is believed: proposals and votes pass the checks that those
 * from the network pass, and outcomes are computed anew.
 *
 * What has passed goes to a temporary store first. Only when the whole file has, it is copied to the real one, each proposal
 * in one write. So a file with anything wrong in it changes nothing; a disk that gets full in between leaves whole and valid
 * proposals, and importing again brings the rest.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { systemClock } from '../../consensus/clock.ts'
import { InvalidPolicyError } from '../../consensus/errors.ts'
import { parsePolicy, proposalIdOf } from '../../consensus/policy/policy.ts'
import { encodeProposal } from '../../consensus/proposal/proposal.ts'
import { ConsensusSession } from '../../consensus/session/session.ts'
import { voteSubject } from '../../consensus/vote/vote-lock.ts'
import { MAX_REFUSED } from '../../network/lifecycle/alarms.ts'
import { scopeConfig, scopeKey } from '../../network/scope/scope.ts'
import { ExportFileError, outcomeOf } from '../../storage/export/format.ts'
import { readExport } from '../../storage/export/reader.ts'
import { LevelStorage } from '../../storage/level/level-storage.ts'
import { decodeExported, validateExported } from './import-rules.ts'
import type { ProposalEntry } from './import-rules.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { ConsensusStorage, PolicyStorage, RefusedProposal, ScopeSettings } from '../../consensus/storage/interface.ts'
import type { VoteLock } from '../../consensus/vote/vote-lock.ts'
import type { Outcome, PolicyLine, ProposalLine, RefusedLine } from '../../storage/export/format.ts'

export interface ImportInit {
  /** Verifies signatures */
  scheme: SignatureScheme

  /** Votes of this identity bind it under `voteLock`, as those that come from the network do */
  identity?: Uint8Array
  voteLock?: VoteLock

  /**
   * Where the temporary store goes: it gets as large as what is new in the file
   *
   * @default the system's folder for temporary files
   */
  temporaryFolder?: string

  /**
   * Unix seconds
   *
   * @default the system's clock
   */
  clock? (): bigint
}

/** What an import has done */
export interface ImportSummary {
  /** Scopes that the store was no member of */
  policiesAdded: number
  proposalsAdded: number
  /** Known proposals that got votes they did not have */
  proposalsExtended: number
  /** Known proposals that the file had nothing new for */
  proposalsKnown: number
  votesAdded: number
  /** Alarms of two proposals with one id that were not known */
  collisionsAdded: number
  /** Proposals that could not be taken, by the reason, in words */
  leftOut: Record<string, number>
  /** Proposals whose votes give another outcome than the file says */
  differences: Array<{ scope: string, proposalId: number, exported: Outcome, computed: Outcome }>
}

/**
 * Imports an export into a store that no node has open. What is known already stays as it is, so importing twice changes
 * nothing.
 *
 * @param source - the bytes of the file
 * @throws {ExportFileError} if the file is no export, is not whole, or holds anything that is not valid; nothing was imported
 * @throws {StorageWriteError} if the disk is full; what was imported until then is valid
 */
export async function importStore (storage: ConsensusStorage & PolicyStorage, source: AsyncIterable<Uint8Array>, init: ImportInit): Promise<ImportSummary> {
  const folder = await mkdtemp(join(init.temporaryFolder ?? tmpdir(), 'libp2p-voting-import-'))

  try {
    const passed = await LevelStorage.open(folder)

    try {
      const importer = new Importer(storage, passed, init)

      for await (const entry of readExport(source)) {
        switch (entry.type) {
          case 'policy':
            await importer.takePolicy(entry.content, entry.line)
            break
          case 'proposal':
            await importer.takeProposal(entry)
            break
          default:
            await importer.takeRefused(entry.content, entry.line)
        }
      }

      return await importer.commit()
    } finally {
      await passed.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

class Importer {
  private readonly storage: ConsensusStorage & PolicyStorage
  /** The sessions that have passed, as they are going to be stored */
  private readonly passed: LevelStorage
  private readonly init: ImportInit
  private readonly validate: { scheme: SignatureScheme, clock (): bigint }
  /** Scope key → policy, of the store and of the file */
  private policies?: Map<string, ScopePolicy>
  /** Scope key → proposals that were refused since another has their id */
  private readonly refused = new Map<string, RefusedProposal[]>()
  private readonly newPolicies = new Map<string, { policy: ScopePolicy, settings?: ScopeSettings }>()
  private readonly summary: ImportSummary = { policiesAdded: 0, proposalsAdded: 0, proposalsExtended: 0, proposalsKnown: 0, votesAdded: 0, collisionsAdded: 0, leftOut: {}, differences: [] }

  constructor (storage: ConsensusStorage & PolicyStorage, passed: LevelStorage, init: ImportInit) {
    this.storage = storage
    this.passed = passed
    this.init = init
    this.validate = { scheme: init.scheme, clock: init.clock ?? systemClock }
  }

  async takePolicy ({ policy: input, settings }: PolicyLine, line: number): Promise<void> {
    const policies = await this.knownPolicies()
    const policy = toPolicy(input, line)
    const joined = [...policies.values()].some(({ name }) => name === policy.name)

    policies.set(scopeKey(policy), policy)

    // where the scope is joined, under this policy or another one, that stays
    if (!joined) {
      this.newPolicies.set(policy.name, { policy, settings })
    }
  }

  async takeProposal (entry: ProposalEntry): Promise<void> {
    const { scope, pruned, outcome } = entry.content
    const policy = (await this.knownPolicies()).get(scope)
    const proposal = decodeExported(entry)

    if (policy == null) {
      this.leaveOut('their scope\'s policy is neither in the file nor joined here: join it, then import again')
      return
    }

    const known = await this.find(scope, proposal.proposalId)

    if (known?.pruned != null) {
      this.summary.proposalsKnown++
    } else if (known != null && !isSame(known.proposal, proposal)) {
      this.leaveOut('another proposal with the same id is stored here')

      if (known.digest != null) {
        const { digest = new Uint8Array(0) } = await validateExported(entry, policy, undefined, this.validate)

        this.refuse(scope, { proposalId: proposal.proposalId, name: proposal.name, proposer: proposal.proposalOwner, digest })
      }
    } else {
      const session = this.asDecidedThere(await validateExported(entry, policy, known, this.validate), known, entry.content)

      if (pruned != null && known == null && !isProof(session)) {
        this.leaveOut('their votes were given up before the export, so that their outcome cannot be checked')
        return
      }

      await this.keep(scope, session, known)
      this.compare(scope, session, outcome)
    }
  }

  /** Takes an alarm of two proposals with one id. Its signatures are not in the file: what it says must be possible, no more. */
  async takeRefused ({ scope, proposalId, name, proposer, digest: hex }: RefusedLine, line: number): Promise<void> {
    const digest = fromString(hex, 'hex')
    const held = await this.find(scope, proposalId)

    if (held != null && (held.digest == null || proposalIdOf(digest) !== proposalId)) {
      throw new ExportFileError(line, 'holds a proposal that cannot have been refused for its id: the id does not follow from its digest')
    }

    // the proposal that has the id may have been left out, or be this one
    if (held?.digest != null && !equals(held.digest, digest)) {
      this.refuse(scope, { proposalId, name, proposer, digest })
    }
  }

  /** Stores what has passed. The whole file has by now. */
  async commit (): Promise<ImportSummary> {
    for (const scope of await this.passed.listScopes() ?? []) {
      const policy = (await this.knownPolicies()).get(scope) as ScopePolicy

      if (await this.storage.getScopeConfig(scope) == null) {
        await this.storage.setScopeConfig(scope, scopeConfig(policy))
      }

      for await (const session of this.passed.streamScopeSessions(scope)) {
        await this.bindOwn(scope, session)
        await this.storage.saveSession(scope, session)
      }
    }

    for (const [scope, refused] of this.refused) {
      await this.saveRefused(scope, refused)
    }

    for (const { policy, settings } of this.newPolicies.values()) {
      await this.storage.setScopeConfig(scopeKey(policy), scopeConfig(policy))
      await this.storage.savePolicy(policy)

      if (settings != null) {
        await this.storage.saveSettings(policy.name, settings)
      }

      this.summary.policiesAdded++
    }

    return this.summary
  }

  private refuse (scope: string, refused: RefusedProposal): void {
    this.refused.set(scope, [...this.refused.get(scope) ?? [], refused])
  }

  /** One is kept for each id, as where a proposal arrives from the network */
  private async saveRefused (scope: string, refused: RefusedProposal[]): Promise<void> {
    const known = new Set((await this.storage.listRefused(scope)).map(({ proposalId }) => proposalId))

    for (const proposal of refused) {
      if (!known.has(proposal.proposalId) && known.size < MAX_REFUSED) {
        known.add(proposal.proposalId)
        this.summary.collisionsAdded++
        await this.storage.saveRefused(scope, proposal)
      }
    }
  }

  private async keep (scope: string, session: ConsensusSession, known?: ConsensusSession): Promise<void> {
    if (session === known) {
      this.summary.proposalsKnown++
      return
    }

    this.summary[known == null ? 'proposalsAdded' : 'proposalsExtended']++
    this.summary.votesAdded += session.voteCount - (known?.voteCount ?? 0)
    await this.passed.saveSession(scope, session)
  }

  /** Keeps the time of an exported result, unless the result was known here before. It lies in the past, whatever the file says. */
  private asDecidedThere (session: ConsensusSession, known: ConsensusSession | undefined, { outcome, decidedAt }: ProposalLine): ConsensusSession {
    if (session.decidedAt == null || known?.result != null || decidedAt == null || outcome !== outcomeOf(session)) {
      return session
    }

    const exported = BigInt(decidedAt)

    return ConsensusSession.fromParts({ ...session, votes: session.encodedVotes(), decidedAt: exported < session.decidedAt ? exported : session.decidedAt })
  }

  private compare (scope: string, session: ConsensusSession, exported: Outcome): void {
    const computed = outcomeOf(session)

    // a proposal that failed there has come to nothing here either, so far: the node ends it
    if (exported !== 'active' && exported !== computed && !(exported === 'failed' && computed === 'active')) {
      this.summary.differences.push({ scope, proposalId: session.proposal.proposalId, exported, computed })
    }
  }

  private leaveOut (reason: string): void {
    this.summary.leftOut[reason] = (this.summary.leftOut[reason] ?? 0) + 1
  }

  private async find (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    return await this.passed.getSession(scope, proposalId) ?? this.storage.getSession(scope, proposalId)
  }

  private async knownPolicies (): Promise<Map<string, ScopePolicy>> {
    this.policies ??= new Map((await this.storage.listPolicies()).map(policy => [scopeKey(policy), policy]))

    return this.policies
  }

  /** A vote of our own key that is not stored here yet was cast elsewhere, or before this store was lost */
  private async bindOwn (scope: string, session: ConsensusSession): Promise<void> {
    const { identity, voteLock } = this.init

    if (identity == null || voteLock == null || !session.hasVoted(identity)) {
      return
    }

    for (const vote of session.votes()) {
      if (equals(vote.voteOwner, identity)) {
        await voteLock.acquire(scope, voteSubject(session), vote)
      }
    }
  }
}

/** Whether the votes that were kept when the others were given up say by themselves what came of a proposal */
function isProof ({ digest, state }: ConsensusSession): boolean {
  return digest != null && (state === 'reached' || state === 'conflict')
}

function toPolicy (input: unknown, line: number): ScopePolicy {
  try {
    return parsePolicy(input)
  } catch (err) {
    if (err instanceof InvalidPolicyError) {
      throw new ExportFileError(line, `holds a policy that is not valid: ${err.message}`, { cause: err })
    }

    throw err
  }
}

function isSame (a: ProposalHead, b: ProposalHead): boolean {
  return equals(encodeProposal({ ...a, round: 0, votes: [] }), encodeProposal({ ...b, round: 0, votes: [] }))
}
