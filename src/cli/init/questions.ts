/**
 * What `init` needs to know for a policy, how it is asked for, and how answers are read. What may be answered is said by the
 * rules of policies, and nowhere else.
 */

import { minAutoVoteLifetime, parsePolicy } from '../../consensus/policy/policy.ts'
import { parseVoters } from './voters.ts'
import type { ScopePolicyInput } from '../../consensus/policy/policy.ts'

export interface Answers {
  name: string
  /** Null for anyone */
  voters: NonNullable<ScopePolicyInput['voters']> | null
  threshold: string
  seconds: number
  silence: Silence
}

export type Silence = 'nothing' | 'proposer' | 'yes' | 'no'

export interface Question <T> {
  /** Where it can be answered on the command line */
  option: string
  /** What is accepted */
  hint: string
  /** What to know before answering */
  note?: string
  ask: string
  /** Taken for an empty answer, or for none where nobody can be asked */
  fallback?: string
  /** Throws with what is wrong and what is accepted, given the answers that are there already */
  parse (text: string, answers?: Partial<Answers>): T
}

export const SILENCES: Silence[] = ['nothing', 'proposer', 'yes', 'no']

// cspell:ignore smhd
const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 }

/** In this order they are asked */
export const QUESTIONS: { [K in keyof Answers]: Question<Answers[K]> } = {
  name: {
    option: '--name',
    hint: 'a-z, 0-9, ".", "_" and "-"',
    ask: 'Name of the scope',
    parse: text => checked({ name: text }).name
  },
  voters: {
    option: '--voters',
    hint: 'addresses with spaces or commas between them, each with a name before it if you like (Zoë=0x…), or "open" for anyone; "libp2p-voting id" prints a member\'s address',
    ask: 'Who may vote',
    parse: text => {
      if (text === 'open') {
        return null
      }

      const voters = parseVoters(text)

      checked({ name: 'x', voters })

      return voters
    }
  },
  threshold: {
    option: '--threshold',
    hint: 'a fraction like 2/3, a percentage like 75% or a number like 0.75; 0.67 is not 2/3',
    ask: 'Share of the voters that a side needs',
    fallback: '2/3',
    parse: text => {
      checked({ name: 'x', threshold: text })

      return text
    }
  },
  seconds: {
    option: '--time',
    hint: 'seconds, or a number and s, m, h or d',
    ask: 'How long a proposal is open unless its proposer says',
    fallback: '1h',
    parse: text => {
      const [, amount, unit] = /^(\d{1,8})\s*([smhd]?)$/.exec(text) ?? []

      if (amount == null) {
        throw new Error('must be seconds, or a number and s, m, h or d, like 90s or 2h')
      }

      const seconds = Number(amount) * UNITS[unit]

      checked({ name: 'x', ...times(seconds) })

      return seconds
    }
  },
  silence: {
    option: '--silence',
    note: 'The node of a voter who has not voted can vote automatically, shortly before the end. A voter whose node is off counts for nothing. By the rule of the Rust crate these count too: it is to be had with "decisionRule": "reference" in the file, and risks that members who are cut off from each other, or a single double voter, leave opposite results.',
    hint: 'nothing; yes or no; or proposer: the side that the proposer chooses for each proposal',
    ask: 'What the silence of a voter means: what the voter\'s own node then votes',
    fallback: 'nothing',
    parse: (text, { voters, seconds } = {}) => {
      const silence = text as Silence

      if (!SILENCES.includes(silence)) {
        throw new Error('must be nothing, proposer, yes or no')
      }

      if (silence !== 'nothing' && voters === null) {
        throw new Error('must be nothing where anyone may vote: there is no list of voters who can be silent')
      }

      if (silence !== 'nothing' && seconds != null && seconds < shortestWithAutoVotes()) {
        throw new Error(`must be nothing where a proposal is open for ${seconds} seconds: nodes vote automatically shortly before the end, and people need time before that, so ${shortestWithAutoVotes()} seconds at least`)
      }

      return silence
    }
  }
}

/** What goes into the file: what is not the default of all policies */
export function policyOf ({ name, voters, threshold, seconds, silence }: Answers): ScopePolicyInput {
  return {
    name,
    voters: voters ?? null,
    threshold,
    ...times(seconds),
    ...silence === 'nothing' ? {} : { minLifetimeSeconds: shortestWithAutoVotes(), onSilence: silence === 'proposer' ? 'liveness' : silence }
  }
}

/** The shortest life of a proposal, in seconds, where nodes vote automatically: people need time before that */
function shortestWithAutoVotes (): number {
  return minAutoVoteLifetime(parsePolicy({ name: 'x' }).clockSkewSeconds)
}

/** A default shorter than the minimum of policies needs a minimum of its own */
function times (seconds: number): Pick<ScopePolicyInput, 'defaultTimeoutSeconds' | 'minLifetimeSeconds'> {
  const { minLifetimeSeconds } = parsePolicy({ name: 'x' })

  return { defaultTimeoutSeconds: seconds, ...seconds < minLifetimeSeconds ? { minLifetimeSeconds: seconds } : {} }
}

function checked (policy: ScopePolicyInput): ScopePolicyInput {
  try {
    parsePolicy(policy)
  } catch (err) {
    // which field it is, is clear to who answers
    throw new Error((err as Error).message.replace(/^[^:]*: /, '').replaceAll(/(^|; )[a-zA-Z]+(?:\.\d+)?(?:\.(?:address|name))?: /g, '$1'), { cause: err })
  }

  return policy
}
