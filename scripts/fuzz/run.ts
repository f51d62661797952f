/**
 * Gives the decoders and validators what they should refuse, and watches how they refuse it: with a ConsensusError where
 * the bytes or the values are wrong, with a TypeError too where a JavaScript caller's types are.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import {
  buildVote, canonicalPolicy, computeVoteHash, ConsensusError, ConsensusService, decodeProposal, decodeVote, encodeProposal, encodeVote, parsePolicy, policyDigest,
  proposalDigest, signedPayload, validateProposal, validateVote, validateVoteChain
} from '../../src/consensus/index.ts'
import { ethereumScheme, ethereumSigner } from '../../src/signers/ethereum.ts'
import { mutated } from './mutate.ts'
import { Random } from './random.ts'
import { alteredProposal, alteredVote, withJunk } from './values.ts'
import type { Proposal, Vote } from '../../src/consensus/index.ts'

const SCOPE = 'fuzz'
const NOW = 1_700_000_000n
const OPEN = { timestamp: NOW, expirationTimestamp: NOW + 60n }

const scheme = ethereumScheme()
const signers = [1, 2, 3].map(number => ethereumSigner(new Uint8Array(32).fill(number)))

/** What a run starts from: right messages, and the bytes of them */
interface Samples {
  proposals: Proposal[]
  votes: Vote[]
  encodedProposals: Uint8Array[]
  encodedVotes: Uint8Array[]
}

export interface FuzzOptions {
  runs: number
  seed: number
  /** Is told how many runs are done, now and then */
  onProgress? (done: number): void
}

export interface FuzzResult {
  /** Target → outcome (`ok` or an error's name) → how often */
  outcomes: Map<string, Map<string, number>>
  failures: FuzzFailure[]
}

export interface FuzzFailure {
  run: number
  target: string
  input: string
  error: Error
}

interface Attempt {
  target: string
  /** Shown with a failure */
  input: unknown
  /** Whether a TypeError is a fair answer */
  types?: boolean
  run (): unknown
}

/** Stops early when it has found that many */
const MAX_FAILURES = 10

export async function fuzz ({ runs, seed, onProgress }: FuzzOptions): Promise<FuzzResult> {
  const samples = await makeSamples()
  const result: FuzzResult = { outcomes: new Map(), failures: [] }

  for (let run = 0; run < runs && result.failures.length < MAX_FAILURES; run++) {
    const attempt = await makeAttempt(new Random(seed * 1_000_003 + run), samples)
    const outcome = await outcomeOf(attempt)

    if (outcome instanceof Error) {
      result.failures.push({ run, target: attempt.target, input: show(attempt.input), error: outcome })
    } else {
      const outcomes = result.outcomes.get(attempt.target) ?? new Map<string, number>()

      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      result.outcomes.set(attempt.target, outcomes)
    }

    if (run % 1000 === 999) {
      onProgress?.(run + 1)
    }
  }

  return result
}

/** The name of the outcome if it is one that may be, otherwise the error */
async function outcomeOf ({ types, run }: Attempt): Promise<string | Error> {
  try {
    await run()

    return 'ok'
  } catch (err: any) {
    if (err instanceof ConsensusError) {
      return err.name
    }

    // a TypeError of the engine's own says no more than that something was overlooked
    if (types === true && err instanceof TypeError && / must be /.test(err.message)) {
      return 'TypeError'
    }

    return err instanceof Error ? err : new Error(`not an error was thrown: ${String(err)}`)
  }
}

async function makeAttempt (random: Random, samples: Samples): Promise<Attempt> {
  const service = new ConsensusService({ scheme, clock: () => NOW })
  const vote = random.pick(samples.votes)
  const proposal = random.pick(samples.proposals)

  switch (random.below(8)) {
    case 0: return bytesAttempt('decodeVote', mutated(samples.encodedVotes, random), bytes => {
      const decoded = decodeVote(bytes)

      checkSame(encodeVote(decoded), bytes)
      return validateVote(decoded, OPEN, NOW, scheme)
    })

    case 1: return bytesAttempt('decodeProposal', mutated(samples.encodedProposals, random), async bytes => {
      const decoded = decodeProposal(bytes)

      checkSame(encodeProposal(decoded), bytes)
      await validateProposal(decoded, NOW, scheme)
      await service.processIncomingProposal(SCOPE, decoded)
    })

    case 2: {
      const altered = await alteredVote(vote, random.pick(signers), random)

      return { target: 'validateVote', input: altered, run: async () => validateVote(altered, random.chance(0.8) ? OPEN : { timestamp: random.uint64(), expirationTimestamp: random.uint64() }, NOW, scheme) }
    }

    case 3: {
      const altered = await alteredVote(vote, random.pick(signers), random)

      return {
        target: 'processIncomingVote',
        input: altered,
        run: async () => {
          for (const proposal of samples.proposals) {
            await service.processIncomingProposal(SCOPE, { ...proposal, votes: [] })
          }

          await service.processIncomingVote(SCOPE, altered)
        }
      }
    }

    case 4: {
      const altered = await alteredProposal(proposal, signers, random)

      return {
        target: 'processIncomingProposal',
        input: altered,
        run: async () => {
          const { proposal: { proposalId } } = await service.processIncomingProposal(SCOPE, altered)

          await service.handleConsensusTimeout(SCOPE, proposalId)
        }
      }
    }

    case 5: {
      const altered = await alteredProposal(proposal, signers, random)

      return { target: 'validateVoteChain', input: altered, run: () => { validateVoteChain(altered.votes) } }
    }

    case 6: {
      const junk = withJunk(random.chance(0.5) ? vote : proposal, random)

      return {
        target: 'wrong types',
        input: junk,
        types: true,
        run: async () => random.pick<() => unknown>([
          async () => validateVote(junk, OPEN, NOW, scheme),
          async () => validateProposal(junk, NOW, scheme),
          async () => service.processIncomingVote(SCOPE, junk),
          async () => service.processIncomingProposal(SCOPE, junk),
          async () => service.createProposal(SCOPE, junk),
          () => encodeVote(junk),
          () => encodeProposal(junk)
        ])()
      }
    }

    default: {
      const policy = alteredPolicy(random)

      return {
        target: 'parsePolicy',
        input: policy,
        run: () => {
          const parsed = parsePolicy(policy)

          checkSame(canonicalPolicy(parsePolicy(parsed)), canonicalPolicy(parsed))
          proposalDigest(policyDigest(parsed), proposal)
        }
      }
    }
  }
}

function bytesAttempt (target: string, bytes: Uint8Array, run: (bytes: Uint8Array) => unknown): Attempt {
  return { target, input: bytes, run: () => run(bytes) }
}

function alteredPolicy (random: Random): unknown {
  const address = `0x${'ab'.repeat(20)}`
  const values: readonly unknown[] = [null, true, 0, 1, -1, 0.5, 2 / 3, NaN, 1e300, 60n, '', 'a', '2/3', '0/0', 'quorum', 'liveness', [], {}, [address], [address, address], [null], undefined]
  const fields = ['version', 'name', 'previous', 'decisionRule', 'threshold', 'voters', 'proposers', 'livenessCriteriaYes', 'networkType', 'defaultTimeoutSeconds', 'minLifetimeSeconds', 'clockSkewSeconds', 'graceSeconds', 'onSilence', 'other', '__proto__']

  if (random.chance(0.05)) {
    return random.pick(values)
  }

  const policy: Record<string, unknown> = { name: 'fuzz' }

  for (let left = random.below(3); left > 0; left--) {
    policy[random.pick(fields)] = random.pick(values)
  }

  return policy
}

/** Nothing in them is random, or a seed would not make the same runs */
async function makeSamples (): Promise<Samples> {
  const proposals: Proposal[] = []

  for (const count of [0, 1, 3]) {
    const proposalId = 1000 + count
    const votes: Vote[] = []

    for (const signer of signers.slice(0, count)) {
      const vote = {
        ...buildVote({ proposalId, owner: signer.identity, choice: signer !== signers[1], timestamp: NOW, votes }),
        voteId: 1 + votes.length
      }
      const hashed = { ...vote, voteHash: computeVoteHash(vote) }

      votes.push({ ...hashed, signature: await signer.sign(signedPayload(hashed)) })
    }

    proposals.push({
      name: 'Fuzz ü 🗳',
      payload: Uint8Array.of(1, 2, 3),
      proposalId,
      proposalOwner: signers[0].identity,
      votes,
      expectedVotersCount: 5,
      round: 1,
      ...OPEN,
      livenessCriteriaYes: true
    })
  }

  const votes = proposals.flatMap(({ votes }) => votes)

  return { proposals, votes, encodedProposals: proposals.map(encodeProposal), encodedVotes: votes.map(encodeVote) }
}

function checkSame (a: Uint8Array, b: Uint8Array): void {
  if (!equals(a, b)) {
    throw new Error(`two encodings of one value: ${bytesToHex(a)} and ${bytesToHex(b)}`)
  }
}

function show (value: unknown): string {
  if (value instanceof Uint8Array) {
    return bytesToHex(value)
  }

  return JSON.stringify(value, (_, item) => item instanceof Uint8Array ? bytesToHex(item) : asJson(item)) ?? String(value)
}

function asJson (value: unknown): unknown {
  if (typeof value === 'bigint') {
    return `${value}n`
  }

  return ['symbol', 'function', 'undefined'].includes(typeof value) ? String(value) : value
}
