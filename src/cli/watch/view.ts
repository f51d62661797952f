/**
 * What `watch` shows in a terminal, as lines. Where there is no room for everything, proposals that end first stay.
 */

import color from 'picocolors'
import { quorumOf } from '../../consensus/rules/decision.ts'
import { count, formatChoice, formatCountdown, formatId, formatScopeName, formatVoters, namesIn, printableName, shortVoter } from '../output.ts'
import { makeBar, paintBar } from '../terminal/bar.ts'
import { cutTo, joinWithin, spread } from '../terminal/text.ts'
import type { WatchModel } from './model.ts'
import type { ScopeInfo } from '../../client/index.ts'

/** Wider bars say no more */
const MAX_BAR = 60

/** Of so many lines of the screen one is kept for what has happened */
const LINES_PER_HAPPENING = 6

/** Scopes that are shown at the top */
const MAX_SCOPES = 4

type Watched = ReturnType<WatchModel['active']>[number]

export interface View {
  lines: string[]
  /** The proposals there was room for */
  shown: Watched[]
}

export interface ViewOptions {
  columns: number
  rows: number
  /** Unix seconds, with fractions */
  now: number
  /** How to vote, as a command line */
  hint: string
}

export function renderWatch (model: WatchModel, { columns, rows, now, hint }: ViewOptions): View {
  const active = model.active()
  const header = [...renderHeader(model, columns), '']
  const footer = ['', color.dim(cutTo(hint, columns)), color.dim(spread('Ctrl-C ends it', new Date(now * 1_000).toTimeString().slice(0, 8), columns))]
  const happenings = [...model.happenings].reverse()
  const room = rows - header.length - footer.length - Math.min(happenings.length, Math.floor(rows / LINES_PER_HAPPENING)) - (happenings.length > 0 ? 1 : 0)
  const body: string[] = []
  const shown: Watched[] = []

  for (const proposal of active) {
    const block = renderProposal(proposal, model, columns, now)
    const reserved = shown.length === active.length - 1 ? 0 : 1

    if (shown.length > 0 && body.length + block.length + reserved > room) {
      break
    }

    body.push(...block)
    shown.push(proposal)
  }

  if (active.length === 0) {
    body.push(color.dim(cutTo(model.scopes.length === 0 ? 'The node is in no scope yet.' : 'Nothing is being voted on.', columns)), '')
  } else if (shown.length < active.length) {
    body.push(color.dim(cutTo(`… and ${active.length - shown.length} more, later`, columns)))
  }

  const left = rows - header.length - body.length - footer.length - 1
  const news = left < 1 || happenings.length === 0 ? [] : [color.bold(cutTo('What has happened', columns)), ...renderHappenings(happenings, columns, left)]

  return { lines: [...header, ...body, ...news, ...footer].slice(-Math.max(rows, 1)), shown }
}

function renderHeader ({ scopes, peers, away }: WatchModel, columns: number): string[] {
  const connected = peers === 0 ? color.yellow('no peers') : count(peers, 'peer')

  return [
    spread(color.bold('libp2p-voting'), away ? color.red('no node, waiting for it') : connected, columns),
    ...scopes.slice(0, MAX_SCOPES).map(scope => renderScope(scope, columns)),
    ...scopes.length > MAX_SCOPES ? [color.dim(cutTo(`… and ${count(scopes.length - MAX_SCOPES, 'more scope')}`, columns))] : []
  ]
}

function renderScope (scope: ScopeInfo, columns: number): string {
  const { name, peers, otherPolicies } = scope
  const others = otherPolicies.length === 0 ? '' : color.yellow(`, ${otherPolicies.length} under another policy`)

  return spread(`${color.cyan(name)}  ${formatVoters(scope)}`, `${peers.length === 0 ? color.yellow('none') : peers.length} here${others}`, columns)
}

function renderProposal (proposal: Watched, model: WatchModel, columns: number, now: number): string[] {
  const { scope, open, name, tally, doubleVoters, expectedVotersCount, threshold, votes, isEnding, deadline } = proposal
  const nameOf = namesIn(model.scopes)(scope)
  const quorum = quorumOf(expectedVotersCount, threshold)
  const digits = `${expectedVotersCount}`.length
  const left = isEnding ? color.yellow('ending') : formatLeft(deadline - now)
  const bar = (side: 'yes' | 'no'): string => {
    const room = Math.min(MAX_BAR, columns - 6 - digits - 1)

    return `  ${side.padEnd(4)}${room < 6 ? '' : `${paintBar(makeBar(tally[side], quorum, expectedVotersCount, room), side)} `}${`${tally[side]}`.padStart(digits)}`
  }

  return [
    spread(color.bold(printableName(name)), left, columns),
    cutTo(`  ${color.dim(`${formatScopeName(scope, open)} ${formatId(proposal)}`)}  quorum ${quorum} of ${expectedVotersCount}`, columns),
    bar('yes'),
    bar('no'),
    ...votes == null || votes.length === 0 ? [] : [`  ${joinWithin(votes.map(({ voter, choice }) => `${voter === model.voter ? color.bold('you') : color.dim(shortVoter(voter, nameOf))} ${formatChoice(choice)}`), ', ', columns - 2)}`],
    ...doubleVoters === 0 ? [] : [color.red(cutTo(`  ${count(doubleVoters, 'voter')} voted both yes and no`, columns))],
    ''
  ]
}

function formatLeft (seconds: number): string {
  const left = seconds <= 0 ? 'time is up' : `${formatCountdown(seconds)} left`

  return seconds <= 10 ? color.yellow(left) : left
}

/** Newest first; votes give way to what matters more where there is little room */
function renderHappenings (happenings: WatchModel['happenings'], columns: number, rows: number): string[] {
  const important = happenings.filter(({ important }) => important)
  const lines = happenings.length > rows && important.length > 0 ? [...important, ...happenings.filter(({ important }) => !important)].slice(0, rows).sort((a, b) => happenings.indexOf(a) - happenings.indexOf(b)) : happenings.slice(0, rows)

  return lines.map(({ at, text }) => cutTo(`${color.dim(new Date(at).toTimeString().slice(0, 8))}  ${text}`, columns))
}
