/**
 * Power is lost at random writes. The files are LevelDB's own as they are at that moment; its log then loses what was
 * written after the last write that waited for the disk, or any part of that from the end on, as a file that only grows does.
 */

import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { equals } from 'uint8arrays/equals'
import { Random } from '../../scripts/fuzz/random.ts'
import { ConsensusError, UserAlreadyVotedError } from '../../src/consensus/errors.ts'
import { ConsensusService } from '../../src/consensus/service.ts'
import { encodeVote } from '../../src/consensus/vote.ts'
import { ServiceEventBus } from '../../src/network/event-bus.ts'
import { ethereumScheme, ethereumSigner } from '../../src/signers/ethereum.ts'
import { LevelStorage } from '../../src/storage/level.ts'
import { makeProposal, makeVote } from '../utils/messages.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Vote } from '../../src/consensus/vote.ts'
import type { ScopePolicy } from '../../src/index.ts'

const ROUNDS = 2_000
/** No disk is waited for where there is a file system in memory: what is lost is not up to the disk here */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : undefined
/** Turns of a life, with up to four operations each */
const TURNS = 12
/** Moments of a life at which power is lost: each is a copy of its files */
const LOSSES = 20
const NOW = 1_700_000_000n
const SCOPES = ['council/1', 'lobby']
const OPEN = { voters: null } as unknown as ScopePolicy
const scheme = ethereumScheme()
const [own, ...others] = [1, 2, 3, 4, 5].map(byte => ethereumSigner(new Uint8Array(32).fill(byte)))

/** What somebody outside was told, which must hold from then on. Keys are `scope#proposal`. */
interface Told {
  proposals: Map<string, { scope: string, proposalId: number }>
  /** Our own votes that were returned */
  returned: Map<string, Vote>
  /** Our own votes that were stored and sent */
  sent: Map<string, Vote>
  /** Results, undefined for none */
  ends: Map<string, boolean | undefined>
}

interface Loss {
  folder: string
  told: Told
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
        told.ends.set(keyOf(scope, event.proposalId), event.type === 'ConsensusReached' ? event.result : undefined)
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
  /** Bytes of each log that are on disk for certain */
  private readonly synced = new Map<string, number>()
  private service!: ConsensusService

  constructor (random: Random, folder: string, { folder: store, told }: Loss) {
    this.random = random
    this.folder = folder
    this.store = store
    this.told = copy(told)
  }

  async live (): Promise<void> {
    const storage = await LevelStorage.open(this.store)

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
        const scope = random.pick(SCOPES)
        const proposal = makeProposal(own, OPEN, { proposalId: random.uint32(), timestamp: NOW, expectedVotersCount: 1 + random.below(5), livenessCriteriaYes: random.chance(0.5) })

        await service.processIncomingProposal(scope, proposal)
        told.proposals.set(keyOf(scope, proposal.proposalId), { scope, proposalId: proposal.proposalId })
      } else if (random.chance(0.6)) {
        const vote = await makeVote(random.pick(others), { proposalId: known.proposalId, timestamp: NOW }, random.chance(0.5))

        await service.processIncomingVote(known.scope, vote)
      } else if (random.chance(0.8)) {
        const vote = await service.castVote(known.scope, known.proposalId, random.chance(0.5))

        told.returned.set(keyOf(known.scope, known.proposalId), vote)
      } else {
        await service.handleConsensusTimeout(known.scope, known.proposalId)
      }
    } catch (err) {
      if (!(err instanceof ConsensusError)) {
        throw err
      }
    }
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
    this.logs().forEach(name => this.synced.set(name, statSync(join(this.store, name)).size))
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
      const certain = this.synced.get(name) ?? 0
      const written = statSync(join(folder, name)).size
      const left = this.random.chance(0.3) ? certain : certain + this.random.below(written - certain + 1)

      truncateSync(join(folder, name), left)
    }

    this.losses.push({ folder, told: copy(this.told) })
  }

  private logs (): string[] {
    return readdirSync(this.store).filter(name => name.endsWith('.log'))
  }
}

/** All that was told still holds, and is told on */
async function expectKept ({ folder, told }: Loss, random: Random): Promise<void> {
  expect(await LevelStorage.check(folder), 'damaged records').to.deep.equal([])

  const storage = await LevelStorage.open(folder)

  try {
    const service = serviceOf(storage, told)
    const stored: string[] = []

    for (const scope of await storage.listScopes() ?? []) {
      for await (const { proposal } of storage.streamScopeSessions(scope)) {
        stored.push(keyOf(scope, proposal.proposalId))
        // a proposal that was stored and nobody told of yet
        told.proposals.set(keyOf(scope, proposal.proposalId), { scope, proposalId: proposal.proposalId })
      }
    }

    for (const [key, { scope, proposalId }] of told.proposals) {
      const session = await storage.getSession(scope, proposalId)

      if (session == null) {
        throw new Error(`proposal ${key} is lost`)
      }

      const sent = told.sent.get(key)
      const returned = told.returned.get(key)

      expect(stored, 'listed').to.include(key)

      if (told.ends.has(key)) {
        expect(session.state, 'state').to.equal(told.ends.get(key) == null ? 'failed' : 'reached')
        expect(session.result, 'result').to.equal(told.ends.get(key))
      }

      if (sent != null) {
        expect(session.votes().some(vote => equals(encodeVote(vote), encodeVote(sent))), 'own vote that was sent').to.equal(true)
      }

      if (returned != null) {
        const bound = await storage.find(scope, session.proposal, own.identity)

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

  it(`keeps what anybody was told, ${ROUNDS} times`, async function () {
    this.timeout(240_000)

    const seed = Number(process.env.LOST_WRITES_SEED ?? Date.now() % 2 ** 32)
    const random = new Random(seed)
    const results = { rounds: 0 }
    let start: Loss | undefined

    for (let number = 0; results.rounds < ROUNDS; number++) {
      const base = join(folder.path, `${number}`)
      const { losses } = await live(random, base, start)

      // mostly files are waited for, so several at a time
      await Promise.all(losses.slice(0, ROUNDS - results.rounds).map(async loss => {
        const round = ++results.rounds

        await expectKept(loss, new Random(random.below(2 ** 32))).catch(err => {
          throw new Error(`round ${round}, LOST_WRITES_SEED=${seed}: ${err.message}`, { cause: err })
        })
      }))

      await rm(start?.folder ?? join(base, 'store'), { recursive: true, force: true })
      // some lives go on where power was lost
      start = random.chance(0.3) ? losses.pop() : undefined
      await Promise.all(losses.map(async ({ folder }) => rm(folder, { recursive: true })))
    }
  })

  async function live (random: Random, base: string, start: Loss = { folder: join(base, 'store'), told: { proposals: new Map(), returned: new Map(), sent: new Map(), ends: new Map() } }): Promise<Life> {
    mkdirSync(base)

    const life = new Life(random, base, start)

    await life.live()

    return life
  }
})
