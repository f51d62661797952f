/**
 * How things are written for people.
 */

import Table from 'cli-table3'
import color from 'picocolors'
import { autoVoteSide, describeSilence } from '../client/on-silence.ts'
import { voterNames } from '../consensus/policy/voter-names.ts'
import { INVISIBLE, printable, printableName, quotedName } from '../consensus/text/visible-text.ts'
import { formatDuration } from '../util/duration.ts'
import { textWidth, wrap } from './terminal/text.ts'
import type { AlarmInfo, Choice, ProposalSummary, ScopeInfo } from '../client/index.ts'
import type { NameOf } from '../consensus/policy/voter-names.ts'

export { formatDuration, printable, printableName, quotedName }

const second = 1_000

/** The last moment a Date can hold, in Unix seconds */
const MAX_DATE = 8_640_000_000_000

/** On one line, and safe for a terminal: what JSON leaves as it is, is escaped as well */
export function printJson (value: unknown): void {
  console.info(toJson(value))
}

export function toJson (value: unknown): string {
  return JSON.stringify(value).replaceAll(INVISIBLE, character => character.replaceAll(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
}

/** Columns in which words are put on several lines, at least */
const MIN_COLUMNS = 20

export function printFields (fields: Array<[name: string, value: string]>): void {
  console.info(formatFields(fields, terminalColumns()))
}

/** Rows of names and values, aligned. Values that are too long for the columns go on below themselves. */
export function formatFields (fields: Array<[name: string, value: string]>, columns: number, longestName = Math.max(...fields.map(([name]) => name.length))): string {
  const indent = longestName + 2
  const room = Math.max(columns - indent, MIN_COLUMNS)

  return fields.map(([name, value]) => {
    const lines = textWidth(value) > room ? wrap(value, room) : [value]

    return color.dim(name.padEnd(indent)) + lines.join(`\n${' '.repeat(indent)}`)
  }).join('\n')
}

/** Columns of a line; as many as it takes where the output is no terminal */
export function terminalColumns (): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity
}

/**
 * With `continued` it goes on a table that is printed already. Where the terminal is too narrow for it, a row is a block of lines:
 * cells that are cut or wrapped cannot be read or copied.
 */
export function printTable (head: string[], rows: string[][], { continued = false } = {}): void {
  const table = formatTable(continued ? [] : head, rows)
  const columns = terminalColumns()

  if (table.split('\n').some(line => textWidth(line) > columns)) {
    console.info(rows.map(row => formatBlock(head, row, columns)).join('\n\n'))
  } else {
    console.info(table)
  }
}

function formatBlock (head: string[], row: string[], columns: number): string {
  const fields = row.map((cell, index): [string, string] => [head[index] ?? '', cell.trim()])

  return formatFields(fields.filter(([, value]) => value !== ''), columns, Math.max(...head.map(name => name.length)))
}

export function formatTable (head: string[], rows: string[][]): string {
  const none = ''
  const table = new Table({
    head: head.map(name => color.dim(name)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: { top: none, 'top-mid': none, 'top-left': none, 'top-right': none, bottom: none, 'bottom-mid': none, 'bottom-left': none, 'bottom-right': none, left: none, 'left-mid': none, mid: none, 'mid-mid': none, right: none, 'right-mid': none, middle: none }
  })

  table.push(...rows)

  return table.toString().split('\n').map(line => line.trimEnd()).join('\n')
}

/** Who may vote in a scope; says loudly if that is anyone, and what nodes vote for the silent */
export function formatVoters ({ open, policy }: Pick<ScopeInfo, 'open' | 'policy'>): string {
  const voters = open ? OPEN : count(policy.voters?.length ?? 0, 'voter')

  if (describeSilence(policy).proposerChooses) {
    return `${voters}, ${color.yellow('the proposer chooses for the silent')}`
  }

  return policy.onSilence === 'none' ? voters : `${voters}, ${color.yellow(`nodes vote ${autoVoteSide(policy)} for the silent`)}`
}

/** How many members and strangers are there, and how many peers that are there under another policy by mistake */
export function formatPeers (scope: Pick<ScopeInfo, 'open' | 'policy' | 'peers' | 'members' | 'noneToAsk' | 'otherPolicies' | 'otherSigning'>): string {
  const { otherPolicies, otherSigning } = scope
  const others = [
    ...otherSigning.length === 0 ? [] : [color.yellow(` (${otherSigning.length} of them with another gossip signing)`)],
    ...otherPolicies.length === 0 ? [] : [color.yellow(` (and ${otherPolicies.length} under another policy)`)]
  ].join('')

  return formatMembers(scope) + others
}

function formatMembers ({ open, policy: { voters }, peers, members, noneToAsk }: Pick<ScopeInfo, 'open' | 'policy' | 'peers' | 'members' | 'noneToAsk'>): string {
  if (peers.length === 0 && members.length === 0) {
    return color.yellow('no peers')
  }

  if (noneToAsk) {
    return `${count(peers.length, 'peer')}, ${color.yellow('no peer here can be asked')}`
  }

  // where one voter decides, or anybody, nobody has to be there
  if (open || voters?.length === 1) {
    return count(peers.length, 'peer')
  }

  const strangers = peers.filter(peer => !members.some(member => member.peer === peer)).length

  return [
    members.length === 0 ? color.yellow('no member connected') : count(members.length, 'member'),
    ...strangers === 0 ? [] : [count(strangers, members.length === 0 ? 'stranger' : 'other peer')]
  ].join(', ')
}

/** That the clock of a node is off, where it is; the others tell by how much */
export function formatClock ({ clockOffset, policy }: Pick<ScopeInfo, 'clockOffset' | 'policy'>): string | undefined {
  if (clockOffset?.isOff !== true) {
    return
  }

  const { seconds, peers } = clockOffset

  return color.yellow(`${formatDuration(Math.abs(seconds))} ${seconds > 0 ? 'behind' : 'ahead of'} ${count(peers, 'other member')} (${policy.clockSkewSeconds} s are allowed): have it set by the network (NTP)`)
}

/** Characters of an address that are shown where there is little room: 0x1234…abcd */
const SHORT_ADDRESS = 11

/** Hex digits of a digest that are shown where there is little room */
const SHORT_DIGEST = 16

/** Whether this process shortens nothing, since its caller has asked for whole addresses and digests */
let isFull = false

export function showInFull (): void {
  isFull = true
}

export function shortDigest (digest: string): string {
  return isFull ? digest : `${digest.slice(0, SHORT_DIGEST)}…`
}

export function shortAddress (address: string): string {
  return isFull || address.length <= SHORT_ADDRESS ? address : `${address.slice(0, 6)}…${address.slice(-4)}`
}

/** A voter by name, and short address, where the policy has a name; else by the whole address */
export function formatVoter (address: string, nameOf: NameOf): string {
  const name = nameOf(address)

  return name == null ? address : `${printable(name)} (${shortAddress(address)})`
}

/** As {@link formatVoter}, where there is little room */
export function shortVoter (address: string, nameOf: NameOf): string {
  return nameOf(address) == null ? shortAddress(address) : formatVoter(address, nameOf)
}

/** What the policies of scopes call their voters */
export function namesIn (scopes: Array<Pick<ScopeInfo, 'name' | 'policy'>>): (scope: string) => NameOf {
  const names = new Map(scopes.map(({ name, policy }) => [name, voterNames(policy)]))

  return scope => names.get(scope) ?? (() => undefined)
}

/** What is to be known at once where this node's key is not on the list */
export function formatPart ({ mayVote, mayPropose }: Pick<ScopeInfo, 'mayVote' | 'mayPropose'>): string {
  if (mayVote) {
    return mayPropose ? 'may vote and propose' : 'may vote, not propose'
  }

  return color.yellow(mayPropose ? 'may propose, but not vote: it is not among the voters' : 'may not vote: it is not among the voters')
}

export const OPEN = color.yellow('open: anyone may vote')

export function formatScope (scope: string, open: boolean): string {
  return open ? `${printable(scope)} (${OPEN})` : printable(scope)
}

/** As {@link formatScope}, where there is little room: on each line of many */
export function formatScopeName (scope: string, open: boolean): string {
  return open ? `${printable(scope)} ${color.yellow('(open)')}` : printable(scope)
}

/** Whether scopes are open, by their names */
export function openScopes (scopes: Array<Pick<ScopeInfo, 'name' | 'open'>>): (scope: string) => boolean {
  const open = new Set(scopes.filter(({ open }) => open).map(({ name }) => name))

  return scope => open.has(scope)
}

/** A proposal by its id, with its fingerprint where it has one */
export function formatId ({ proposalId, fingerprint }: Pick<ProposalSummary, 'proposalId' | 'fingerprint'>): string {
  return fingerprint == null ? `${proposalId}` : `${proposalId} (${fingerprint})`
}

export function formatChoice (choice: Choice): string {
  return choice === 'yes' ? color.green('yes') : color.red('no')
}

/** The state of a proposal, in a few words: its result if it has one, and what is to be known about it */
export function formatState ({ state, result, late, contradicted, isEnding }: Pick<ProposalSummary, 'state' | 'result' | 'late' | 'contradicted' | 'isEnding'>): string {
  if (result != null) {
    const notes = [...late === true ? [color.yellow('late')] : [], ...contradicted === true ? [color.red('contradicted')] : []]

    return formatChoice(result) + (notes.length === 0 ? '' : ` (${notes.join(', ')})`)
  }

  switch (state) {
    case 'failed': return color.yellow('no result')
    case 'conflict': return color.red('conflict: both sides have a quorum')
    default: return isEnding ? color.yellow('ending') : 'voting'
  }
}

/** Until when people can vote, and what the node does between that and the end of a proposal that nothing decides */
export function formatEnd (deadline: number, endsAt: number): string {
  const now = Date.now() / second

  if (now < deadline) {
    return `Voting ends ${formatDistance(deadline, now)}.${endsAt > deadline ? ` Votes that are on their way then are taken in for another ${formatDuration(endsAt - deadline)}.` : ''}`
  }

  return `Voting ended ${formatDistance(deadline, now)}.${endsAt > now ? ` Votes that were on their way are taken in for another ${formatDuration(Math.ceil(endsAt - now))}.` : ''}`
}

/** Both proposals that have one id, with what tells them apart */
export function describeCollision ({ proposalId, fingerprint, name, proposer, refused }: AlarmInfo, nameOf: NameOf): string {
  return `this node holds ${proposalId} (${fingerprint}) ${quotedName(name)} by ${formatVoter(proposer, nameOf)}, and has refused ${proposalId} (${refused?.fingerprint}) ${quotedName(refused?.name ?? '')} by ${formatVoter(refused?.proposer ?? '', nameOf)}. Other members may hold the latter: compare fingerprints before anyone votes, and propose again`
}

export function formatAlarm (alarm: AlarmInfo, open: boolean, nameOf: NameOf): string {
  const { scope, proposalId, name, kind, reason, culprits } = alarm

  if (kind === 'collision') {
    return color.red(`${formatScopeName(scope, open)} ${proposalId}: two proposals have this id. ${describeCollision(alarm, nameOf).replace(/^t/, 'T')}`)
  }

  const blamed = culprits.length === 0 ? 'the votes of those who voted both ways are not here any more' : `both ways voted ${culprits.map(voter => formatVoter(voter, nameOf)).join(', ')}`

  return color.red(`${formatScopeName(scope, open)} ${formatId(alarm)} ${quotedName(name)}: ${reason}; ${blamed}`)
}

/** Each number takes so many digits at least, so that those of a column are in line */
export function formatTally ({ tally: { yes, no }, doubleVoters, expectedVotersCount }: Pick<ProposalSummary, 'tally' | 'doubleVoters' | 'expectedVotersCount'>, digits = 1): string {
  const [alignedYes, alignedNo, alignedVoters] = [yes, no, expectedVotersCount].map(number => `${number}`.padStart(digits))

  return `${alignedYes} yes, ${alignedNo} no of ${alignedVoters}${doubleVoters === 0 ? '' : `, ${color.red(`${doubleVoters} both`)}`}`
}

/** @param seconds - Unix */
export function formatTime (seconds: number): string {
  return seconds <= MAX_DATE ? new Date(seconds * second).toISOString().replace('.000Z', 'Z') : `${seconds} seconds after 1970`
}

/** For people how far away it is and what their clock shows then, and for everyone else the time in ISO 8601 */
export function formatMoment (seconds: number, now = Date.now() / second): string {
  if (seconds > MAX_DATE) {
    return formatTime(seconds)
  }

  const local = new Date(seconds * second)
  const isToday = local.toDateString() === new Date(now * second).toDateString()

  return `${formatDistance(seconds, now)}, ${isToday ? '' : `${local.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })} `}${local.toTimeString().slice(0, 8)} (${formatTime(seconds)})`
}

/** Returns how far away a time is: "in 5 s", "5 s ago", and "just now" for the last half second */
export function formatDistance (seconds: number, now = Date.now() / second): string {
  const distance = Math.round(seconds - now)

  if (distance === 0) {
    return seconds > now ? 'in less than 1 s' : 'just now'
  }

  return distance > 0 ? `in ${formatDuration(distance)}` : `${formatDuration(-distance)} ago`
}

/** What is left of a time, as exactly as it matters */
export function formatCountdown (seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds))
  const two = (number: number): string => `${Math.floor(number)}`.padStart(2, '0')

  if (left < 100) {
    return `${left} s`
  }

  if (left < 3_600) {
    return `${Math.floor(left / 60)} min ${two(left % 60)} s`
  }

  return left < 86_400 ? `${Math.floor(left / 3_600)} h ${two(left % 3_600 / 60)} min` : `${Math.floor(left / 86_400)} d ${two(left % 86_400 / 3_600)} h`
}

export function count (number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}
