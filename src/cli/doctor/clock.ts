/**
 * Whether the clock is right, as far as that can be told without asking a server of time: by what the system says, by files
 * from the future, by the clocks of the other members, and by the times in their votes.
 */

import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { count, formatDuration, shortAddress } from '../output.ts'
import { ok, problem, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'
import type { ProposalInfo, ScopeInfo, VotingClient } from '../../client/index.ts'

const second = 1_000

/** This version is from later than that */
const EARLIEST = Date.UTC(2025, 0, 1)

/** Some file systems have no finer times */
const FILE_TOLERANCE = 2 * second

/** Of each scope so many of the last proposals are looked at */
const PROPOSALS = 10

const ADVICE = 'Have the clock set by the network (NTP), at all members'

interface Stamp {
  /** Who says so */
  voter: string
  /** How far ahead of our clock, seconds; less than 0 for what is past */
  ahead: number
}

export async function checkClock ({ settings: { dataDirectory }, client, status }: Subject): Promise<Finding[]> {
  const now = new Date()

  if (now.getTime() < EARLIEST) {
    return [problem('clock', `it says ${now.toISOString()}, which is long past`, ADVICE)]
  }

  return [
    await checkSystem(now),
    ...await checkFileTimes(dataDirectory),
    ...client == null || status == null ? [] : await checkOthers(client, status.voter, status.scopes)
  ]
}

async function checkSystem (now: Date): Promise<Finding> {
  const synchronized = await isSynchronized()

  if (synchronized == null) {
    return ok('clock', `it says ${now.toISOString()}; the system does not say whether the network sets it. Compare it with the other members'`)
  }

  return synchronized ? ok('clock', `it says ${now.toISOString()}, and is set by the network`) : warning('clock', `it says ${now.toISOString()}, and is not set by the network: it will drift`, ADVICE)
}

// cspell:ignore timedatectl
/** What systemd knows, undefined where there is none */
async function isSynchronized (): Promise<boolean | undefined> {
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: 2 * second })

    return ({ yes: true, no: false } as Record<string, boolean>)[stdout.trim()]
  } catch {
    // not being there, and not being in charge in a container, are both no answer
  }
}

/** What was written later than now was written before the clock was set back */
async function checkFileTimes (dataDirectory: string): Promise<Finding[]> {
  const times = await Promise.all(['format', 'running.json', 'api.token', 'store', 'keys'].map(async name => {
    const { mtimeMs } = await stat(join(dataDirectory, name)).catch(() => ({ mtimeMs: 0 }))

    return { name, ahead: mtimeMs - Date.now() }
  }))

  return times.filter(({ ahead }) => ahead > FILE_TOLERANCE).slice(0, 1).map(({ name, ahead }) => problem('clock', `${join(dataDirectory, name)} was written ${formatDuration(Math.round(ahead / second))} from now: the clock has been set back since, or was wrong then`, ADVICE))
}

/** Votes and proposals say when they were made, by the clock of who made them */
async function checkOthers (client: VotingClient, ownVoter: string, scopes: ScopeInfo[]): Promise<Finding[]> {
  return (await Promise.all(scopes.map(async ({ name, policy, clockOffset }): Promise<Finding[]> => {
    const { items } = await client.proposals(name, { order: 'newest', limit: PROPOSALS })
    const proposals = await Promise.all(items.map(async ({ proposalId }) => client.proposal(name, proposalId)))
    const stamps = proposals.flatMap(stampsOf).filter(({ voter }) => voter !== ownVoter).sort((a, b) => b.ahead - a.ahead)

    return [validateOffset(name, clockOffset, policy.clockSkewSeconds), validate(name, stamps, policy.clockSkewSeconds)]
  }))).flat()
}

/** What the clocks of the connected members say of this one */
export function validateOffset (scope: string, offset: ScopeInfo['clockOffset'], skew: number): Finding {
  if (offset == null) {
    return ok('clock', `in scope ${scope} no other member is connected that tells its time`)
  }

  const { peers, seconds, isOff } = offset

  if (!isOff) {
    return ok('clock', `in scope ${scope} it agrees with ${count(peers, 'other clock')}, within the ${skew} s that the policy allows`)
  }

  const difference = `in scope ${scope} it is ${formatDuration(Math.abs(seconds))} ${seconds > 0 ? 'behind' : 'ahead of'}`

  return peers === 1
    ? problem('clock', `${difference} the one other member's that is connected: one of the two is wrong`, ADVICE)
    : problem('clock', `${difference} those of ${peers} other members, by their median; the policy allows ${skew} s`, ADVICE)
}

function validate (scope: string, stamps: Stamp[], skew: number): Finding {
  const [latest] = stamps

  if (latest == null) {
    return ok('clock', `in scope ${scope} nobody else has voted or proposed lately: there is no time to compare with`)
  }

  if (latest.ahead > 0) {
    const message = `${shortAddress(latest.voter)} has made something in scope ${scope} ${formatDuration(latest.ahead)} from now: this clock is behind, or that one ahead`

    return latest.ahead > skew ? problem('clock', `${message}, by more than the ${skew} s that the policy allows`, ADVICE) : warning('clock', message, ADVICE)
  }

  return ok('clock', `${count(stamps.length, 'time')} of others in scope ${scope}, none in the future: this clock is not behind. Whether it is ahead they do not show`)
}

function stampsOf ({ proposer, timestamp, votes }: ProposalInfo): Stamp[] {
  const now = Math.floor(Date.now() / second)

  return [{ voter: proposer, timestamp }, ...votes].map(({ voter, timestamp }) => ({ voter, ahead: timestamp - now }))
}
