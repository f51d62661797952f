/**
 * Power is lost at random writes. The files are LevelDB's own as they are at that moment; its log then loses what was
 * written after the last write that waited for the disk, or any part of that from the end on, as a file that only grows does.
 * Where LevelDB goes on to another log it may lose that in the middle.
 */

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { equals } from 'uint8arrays/equals'
import { Random } from '../../../scripts/fuzz/random.ts'
import { ConsensusError, UserAlreadyVotedError } from '../../../src/consensus/errors.ts'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { voteSubject } from '../../../src/consensus/vote/vote-lock.ts'
import { encodeVote } from '../../../src/consensus/vote/vote.ts'
import { ServiceEventBus } from '../../../src/network/event-bus.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { LOG_BLOCK, nextLogName, recordBounds } from '../../utils/level-log.ts'
import { makeProposal, makeVote } from '../../utils/messages.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { ConsensusSigner } from '../../../src/consensus/signing.ts'
import type { Proposal, ScopePolicy, Vote } from '../../../src/index.ts'

/** Of each rule */
const ROUNDS = 1_000
/** No disk is waited for where there is a file system in memory: what is lost is not up to the disk here */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : undefined
/** Turns of a life, with up to four operations each */
const TURNS = 12
/** Moments of a life at which power is lost: each is a copy of its files */
const LOSSES = 20
const NOW = 1_700_000_000n
const RULES = ['reference', 'quorum'] as const
const scheme = ethereumScheme()
const [own, ...others] = [1, 2, 3, 4, 5].map(byte => ethereumSigner(new Uint8Array(32).fill(byte)))

/** What somebody outside was told, which must hold from then on. Keys are `scope#proposal`. */
interface Told {
  proposals: Map<string, { policy: ScopePolicy, proposal: Proposal }>
  /** Our own votes that were returned */
  returned: Map<string, Vote>
  /** Our own votes that were stored and sent */
  sent: Map<string, Vote>
  /** Results, or the states that are none */
  ends: Map<string, boolean | string>
}

interface Loss {
  folder: string
  told: Told
}

/** The states of those that end without a result */
const STATES = { ConsensusFailed: 'failed', ConsensusConflict: 'conflict' }

function policiesOf (decisionRule: typeof RULES[number]): ScopePolicy[] {
  return ['council', 'lobby'].map(name => parsePolicy({ name, decisionRule, minLifetimeSeconds: 1 }))
}

async function voteOf (signer: ConsensusSigner, { policy, proposal }: { policy: ScopePolicy, proposal: Proposal }, choice: boolean): Promise<Vote> {
  return policy.decisionRule === 'quorum' ? boundVote(signer, policy, proposal, choice) : makeVote(signer, proposal, choice)
}

function keyOf (scope: string, proposalId: number): string {
  return `${scope}#${proposalId}`
}

function copy ({ proposals, returned, sent, ends }: Told): Told {
  return { proposals: new Map(proposals), returned: new Map(returned), sent: new Map(sent), ends: new Map(ends) }
}

function serviceOf (storage: LevelStorage, told: Told): ConsensusService {
  return new ConsensusService({
    scheme,
    signer: own,
    storage,
    clock: () => NOW,
    maxSessionsPerScope: Infinity,
    events: new ServiceEventBus((scope, event) => {
      if (event.type !== 'ProposalTrimmed') {
        told.ends.set(keyOf(scope, event.proposalId), 'result' in event ? event.result : STATES[event.type])
      }
    }),
    observer: {
      onVote: (scope, vote) => {
        if (equals(vote.voteOwner, own.identity)) {
          told.sent.set(keyOf(scope, vote.proposalId), vote)
        }
      }
    }
  })
}

/** A node's life, with what is left of its files at moments that power could have been lost */
class Life {
  readonly losses: Loss[] = []
  private readonly random: Random
  private readonly folder: string
  private readonly store: string
  private readonly told: Told
  private readonly policies: ScopePolicy[]
  /** How long each log was whenever it was on disk for certain */
  private readonly synced = new Map<string, number[]>()
  private service!: ConsensusService

  constructor (random: Random, policies: ScopePolicy[], folder: string, { folder: store, told }: Loss) {
    this.random = random
    this.policies = policies
    this.folder = folder
    this.store = store
    this.told = copy(told)
  }

  async live (): Promise<void> {
    const storage = await LevelStorage.open(this.store)

    for (const policy of this.policies) {
      await storage.setScopeConfig(scopeKey(policy), scopeConfig(policy))
    }

    this.watchWrites((storage as any).db.db)
    this.service = serviceOf(storage, this.told)

    for (let turn = 0; turn < TURNS || this.losses.length === 0; turn++) {
      // several at once share batches
      await Promise.all(Array.from({ length: 1 + this.random.below(4) }, async () => this.operate()))
    }

    await storage.close()
  }

  /** One thing that a node does. What the rules forbid is tried as well, and refused. */
  private async operate (): Promise<void> {
    const { service, random, told } = this
    const known = told.proposals.size === 0 ? undefined : random.pick([...told.proposals.values()])

    try {
      if (known == null || random.chance(0.2)) {
        await this.propose(random.pick(this.policies))
      } else if (random.chance(0.6)) {
        await service.processIncomingVote(scopeKey(known.policy), await voteOf(random.pick(others), known, random.chance(0.5)))
      } else if (random.chance(0.8)) {
        const scope = scopeKey(known.policy)
        const vote = await service.castVote(scope, known.proposal.proposalId, random.chance(0.5))

        told.returned.set(keyOf(scope, known.proposal.proposalId), vote)
      } else {
        await service.handleConsensusTimeout(scopeKey(known.policy), known.proposal.proposalId)
      }
    } catch (err) {
      if (!(err instanceof ConsensusError)) {
        throw err
      }
    }
  }

  private async propose (policy: ScopePolicy): Promise<void> {
    const { random, service, told } = this
    const scope = scopeKey(policy)
    const content = { timestamp: NOW, payload: new Uint8Array([random.uint32()]), name: `Go ${random.uint32()}?`, expectedVotersCount: 1 + random.below(5), livenessCriteriaYes: random.chance(0.5) }
    const proposal = policy.decisionRule === 'quorum' ? quorumProposal(own, policy, content) : makeProposal(own, policy, { ...content, proposalId: random.uint32() })

    await service.processIncomingProposal(scope, proposal)
    told.proposals.set(keyOf(scope, proposal.proposalId), { policy, proposal })
  }

  private watchWrites (level: any): void {
    const batch = level.batch.bind(level)

    // opening has waited for the disk
    this.markSynced()
    level.batch = async (operations: unknown, options: { sync: boolean }) => {
      this.maybeLose()
      await batch(operations, options)
      // also when it is written and nobody was told yet: it may be lost or not
      this.maybeLose()

      if (options.sync) {
        this.markSynced()
      }
    }
  }

  private markSynced (): void {
    for (const name of this.logs()) {
      this.synced.set(name, [...this.synced.get(name) ?? [], statSync(join(this.store, name)).size])
    }
  }

  private maybeLose (): void {
    if (this.losses.length < LOSSES && this.random.chance(0.5)) {
      this.lose()
    }
  }

  private lose (): void {
    const folder = join(this.folder, `${this.losses.length}`)

    mkdirSync(folder)

    for (const name of readdirSync(this.store).filter(name => !/^LO(CK|G)/.test(name))) {
      copyFileSync(join(this.store, name), join(folder, name))
    }

    for (const name of this.logs()) {
      const certain = this.synced.get(name)?.at(-1) ?? 0
      const written = statSync(join(folder, name)).size
      const left = this.random.chance(0.3) ? certain : certain + this.random.below(written - certain + 1)

      truncateSync(join(folder, name), left)

      if (this.random.chance(0.3)) {
        this.goOnToAnother(folder, name)
      }
    }

    this.losses.push({ folder, told: copy(this.told) })
  }

  /**
   * As if LevelDB had gone on to another log somewhere in this one: of what was written to the first one then, all may be gone
   * that nobody waited for until then
   */
  private goOnToAnother (folder: string, name: string): void {
    const log = readFileSync(join(folder, name))
    const points = this.synced.get(name) ?? []
    // before the first of them nobody has watched what was waited for
    const certainAt = (at: number): number => points.findLast(point => point <= at) ?? at
    const places = log.byteLength > LOG_BLOCK ? [] : recordBounds(log).slice(0, -1).filter(at => certainAt(at) < at)

    if (places.length > 0) {
      const at = this.random.pick(places)
      const certain = certainAt(at)

      writeFileSync(join(folder, name), log.subarray(0, this.random.chance(0.5) ? certain : certain + this.random.below(at - certain)))
      writeFileSync(join(folder, nextLogName(readdirSync(folder))), log.subarray(at))
    }
  }

  private logs (): string[] {
    return readdirSync(this.store).filter(name => name.endsWith('.log'))
  }
}

/** All that was told still holds, and is told on */
async function expectKept ({ folder, told }: Loss, policies: ScopePolicy[], random: Random): Promise<void> {
  expect(await LevelStorage.check(folder), 'damaged records').to.deep.equal([])

  const storage = await LevelStorage.open(folder)

  try {
    const service = serviceOf(storage, told)
    const stored: string[] = []

    for (const policy of policies) {
      const scope = scopeKey(policy)

      for await (const session of storage.streamScopeSessions(scope)) {
        const proposal = { ...session.toProposal(), round: 1, votes: [] }

        stored.push(keyOf(scope, proposal.proposalId))
        // a proposal that was stored and nobody told of yet
        told.proposals.set(keyOf(scope, proposal.proposalId), { policy, proposal })
      }
    }

    for (const [key, { policy, proposal: { proposalId } }] of told.proposals) {
      const scope = scopeKey(policy)
      const session = await storage.getSession(scope, proposalId)

      if (session == null) {
        throw new Error(`proposal ${key} is lost`)
      }

      const sent = told.sent.get(key)
      const returned = told.returned.get(key)

      expect(stored, 'listed').to.include(key)

      const end = told.ends.get(key)

      if (end === 'failed' && policy.decisionRule === 'quorum') {
        // what was told may have been overtaken by a vote that was stored since
        expect(session.state, 'state').to.not.equal('active')
      } else if (end != null) {
        expect(session.result ?? session.state, 'end').to.equal(end)
      }

      if (sent != null) {
        expect(session.votes().some(vote => equals(encodeVote(vote), encodeVote(sent))), 'own vote that was sent').to.equal(true)
      }

      if (returned != null) {
        const bound = await storage.find(scope, voteSubject(session), own.identity)

        expect(bound?.voteHash, 'lock of an own vote that was returned').to.deep.equal(returned.voteHash)
      }

      const first = returned ?? sent

      if (first != null) {
        await expect(service.castVote(scope, proposalId, !first.vote), 'second own vote').to.eventually.be.rejectedWith(ConsensusError)
      } else if (random.chance(0.5)) {
        await voteAnyhow(service, scope, proposalId, told, random)
      }
    }
  } finally {
    await storage.close()
  }
}

async function voteAnyhow (service: ConsensusService, scope: string, proposalId: number, told: Told, random: Random): Promise<void> {
  try {
    told.returned.set(keyOf(scope, proposalId), await service.castVote(scope, proposalId, random.chance(0.5)))
  } catch (err) {
    if (err instanceof UserAlreadyVotedError && err.vote != null) {
      told.returned.set(keyOf(scope, proposalId), err.vote)
    } else if (!(err instanceof ConsensusError)) {
      throw err
    }
  }
}

describe('LevelDB storage on a machine that loses power', () => {
  const folder = useTempFolder(MEMORY)

  for (const rule of RULES) {
    it(`keeps what anybody was told under ${rule}, at least ${ROUNDS} times`, async function () {
      this.timeout(240_000)

      const seed = Number(process.env.LOST_WRITES_SEED ?? Date.now() % 2 ** 32)
      const random = new Random(seed)
      const policies = policiesOf(rule)
      let rounds = 0
      let start: Loss | undefined

      for (let number = 0; rounds < ROUNDS; number++) {
        const base = join(folder.path, `${rule}-${number}`)
        const { losses } = await live(random, policies, base, start)

        // mostly files are waited for, so several at a time
        await Promise.all(losses.map(async loss => expectKept(loss, policies, new Random(random.below(2 ** 32))).catch(err => {
          throw new Error(`LOST_WRITES_SEED=${seed}, ${loss.folder}: ${err.message}`, { cause: err })
        })))
        rounds += losses.length

        await rm(start?.folder ?? join(base, 'store'), { recursive: true, force: true })
        // some lives go on where power was lost
        start = random.chance(0.3) ? losses.pop() : undefined
        await Promise.all(losses.map(async ({ folder }) => rm(folder, { recursive: true })))
      }
    })
  }

  async function live (random: Random, policies: ScopePolicy[], base: string, start: Loss = { folder: join(base, 'store'), told: { proposals: new Map(), returned: new Map(), sent: new Map(), ends: new Map() } }): Promise<Life> {
    mkdirSync(base)

    const life = new Life(random, policies, base, start)

    await life.live()

    return life
  }
})
