/**
 * How things are written for people.
 */

import Table from 'cli-table3'
import color from 'picocolors'
import type { Choice, ProposalSummary, ScopeInfo } from '../client/index.ts'

const second = 1_000

/** The last moment a Date can hold, in Unix seconds */
const MAX_DATE = 8_640_000_000_000

/** What would move the cursor, or make text look like something else. Names and payloads are written by strangers. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** A text of somebody else's, safe for a terminal and on one line */
export function printable (text: string): string {
  return text.replaceAll(UNPRINTABLE, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** On one line, and safe for a terminal: what JSON leaves as it is, is escaped as well */
export function printJson (value: unknown): void {
  console.info(toJson(value))
}

export function toJson (value: unknown): string {
  return JSON.stringify(value).replaceAll(UNPRINTABLE, character => character.replaceAll(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
}

/** Rows of names and values, aligned */
export function printFields (fields: Array<[name: string, value: string]>): void {
  const width = Math.max(...fields.map(([name]) => name.length)) + 2

  for (const [name, value] of fields) {
    console.info(`${color.dim(name.padEnd(width))}${value}`)
  }
}

export function printTable (head: string[], rows: string[][]): void {
  console.info(formatTable(head, rows))
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

/** Who may vote in a scope; it is said loudly if that is anyone */
export function formatVoters ({ open, policy }: ScopeInfo): string {
  return open ? OPEN : count(policy.voters?.length ?? 0, 'voter')
}

/** How many members are there, and how many peers that are there under another policy by mistake */
export function formatPeers ({ peers, otherPolicies, otherSigning }: Pick<ScopeInfo, 'peers' | 'otherPolicies' | 'otherSigning'>): string {
  const others = [
    ...otherSigning.length === 0 ? [] : [color.yellow(` (${otherSigning.length} of them with another gossip signing)`)],
    ...otherPolicies.length === 0 ? [] : [color.yellow(` (and ${otherPolicies.length} under another policy)`)]
  ].join('')

  return (peers.length === 0 ? color.yellow('no peers') : count(peers.length, 'peer')) + others
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

export function formatChoice (choice: Choice): string {
  return choice === 'yes' ? color.green('yes') : color.red('no')
}

/** The state of a proposal, in a few words: its result if it has one, and what is to be known about it */
export function formatState ({ state, result, grade, contradicted, waitingForPeer }: Pick<ProposalSummary, 'state' | 'result' | 'grade' | 'contradicted' | 'waitingForPeer'>): string {
  if (result != null) {
    const notes = [...grade === 'timeout' ? ['by silence'] : [], ...contradicted === true ? [color.red('contradicted')] : []]

    return formatChoice(result) + (notes.length === 0 ? '' : ` (${notes.join(', ')})`)
  }

  switch (state) {
    case 'failed': return color.yellow('no result')
    case 'conflict': return color.red('conflict: both sides have a quorum')
    default: return waitingForPeer ? color.yellow('waits for a peer') : 'voting'
  }
}

export function formatTally ({ tally: { yes, no, doubles = 0 }, expectedVotersCount }: Pick<ProposalSummary, 'tally' | 'expectedVotersCount'>): string {
  return `${yes} yes, ${no} no of ${expectedVotersCount}${doubles === 0 ? '' : `, ${color.red(`${doubles} both`)}`}`
}

/** @param seconds - Unix */
export function formatTime (seconds: number): string {
  return seconds <= MAX_DATE ? new Date(seconds * second).toISOString().replace('.000Z', 'Z') : `${seconds} seconds after 1970`
}

/** How far away a time is */
export function formatDistance (seconds: number, now = Date.now() / second): string {
  const distance = Math.round(seconds - now)

  return distance >= 0 ? `in ${formatDuration(distance)}` : `${formatDuration(-distance)} ago`
}

export function formatDuration (seconds: number): string {
  const units: Array<[string, number]> = [['d', 86_400], ['h', 3_600], ['min', 60]]

  for (const [unit, length] of units) {
    if (seconds >= 2 * length) {
      return `${Math.round(seconds / length)} ${unit}`
    }
  }

  return `${seconds} s`
}

export function formatShare (share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}

export function count (number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
