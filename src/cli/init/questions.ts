/**
 * What `init` needs to know for a policy, how it is asked for, and how answers are read. What may be answered is said by the
 * rules of policies, and nowhere else.
 */

import { parsePolicy } from '../../consensus/policy.ts'
import type { ScopePolicyInput } from '../../consensus/policy.ts'

export interface Answers {
  name: string
  /** Null for anyone */
  voters: string[] | null
  /** As it is written: 2/3 and 0.6667 are not the same */
  threshold: string
  seconds: number
  silence: Silence
}

export type Silence = 'nothing' | 'yes' | 'no'

export interface Question <T> {
  /** Where it can be answered on the command line */
  option: string
  /** What is accepted */
  hint: string
  ask: string
  /** Taken for an empty answer, or for none where nobody can be asked */
  fallback?: string
  /** Throws with what is wrong and what is accepted */
  parse (text: string): T
}

export const SILENCES: Silence[] = ['nothing', 'yes', 'no']

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
    hint: 'addresses with spaces or commas between them, or "open" for anyone; "libp2p-voting id" prints a member\'s',
    ask: 'Who may vote',
    parse: text => {
      if (text === 'open') {
        return null
      }

      const voters = text.split(/[\s,]+/).filter(address => address !== '')

      checked({ name: 'x', voters })

      return voters
    }
  },
  threshold: {
    option: '--threshold',
    hint: 'a share like 2/3 or 0.75',
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
    hint: 'nothing, yes or no',
    ask: 'What the node of a voter who stays silent votes shortly before the end',
    fallback: 'nothing',
    parse: text => {
      if (!SILENCES.includes(text as Silence)) {
        throw new Error('must be nothing, yes or no')
      }

      return text as Silence
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
    ...silence === 'nothing' ? {} : { onSilence: silence }
  }
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
    throw new Error((err as Error).message.replace(/^[^:]*: /, '').replaceAll(/(^|; )[a-zA-Z]+(?:\.\d+)?: /g, '$1'), { cause: err })
  }

  return policy
}
