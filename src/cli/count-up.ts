/**
 * Waiting for the end of a proposal: its tally meanwhile, and what became of it.
 */

import { setTimeout } from 'node:timers/promises'
import color from 'picocolors'
import { quorumOf } from '../consensus/rules/decision.ts'
import { exitCodeOfEnd } from './exit-codes.ts'
import { formatCountdown, formatState, formatTally, printJson, printable } from './output.ts'
import { makeBar, paintBar } from './terminal/bar.ts'
import { LiveLine } from './terminal/live-line.ts'
import { isLive } from './terminal/screen.ts'
import { cutTo } from './terminal/text.ts'
import type { ProposalInfo, ProposalStateName, ProposalSummary, VotingClient } from '../client/index.ts'

/** Milliseconds: votes that come together are read together */
const READ_INTERVAL = 200

/** Milliseconds in which the time that is left is drawn again */
const TICK = 1_000

/** With less room the tally is in words */
const MIN_BAR_COLUMNS = 60
const MAX_BAR = 24

const ENDS: Partial<Record<ProposalStateName, string>> = {
  failed: 'Ended without a result',
  conflict: 'Ended without a result, since both sides have the votes of a quorum'
}

type Subject = Pick<ProposalSummary, 'scope' | 'proposalId'>

/** Waits for the end of a proposal and prints how it ended. The exit code says it, too. */
export async function printDecision (client: VotingClient, subject: Subject, json?: boolean): Promise<void> {
  const proposal = json === true ? await client.decision(subject.scope, subject.proposalId) : await countUp(client, subject)

  if (json === true) {
    printJson(proposal)
  } else {
    console.info(`${ENDS[proposal.state] ?? `Decided: ${formatState(proposal)}`} (${formatTally(proposal)})`)

    // what may still come of it
    if (proposal.state === 'failed' && proposal.undecided?.missing != null) {
      console.info(proposal.undecided.reason)
    }
  }

  process.exitCode = exitCodeOfEnd(proposal)
}

/** In a terminal the tally is one line, and is kept up to date; elsewhere it is a line each time it has changed */
async function countUp (client: VotingClient, subject: Subject): Promise<ProposalInfo> {
  const end = new AbortController()
  let current: ProposalInfo | undefined
  const line = isLive() ? await LiveLine.open({ text: columns => current == null ? 'Waiting for votes' : tallyLine(current, columns) }) : undefined
  const timer = setInterval(() => { line?.draw() }, TICK)

  try {
    const following = follow(client, subject, end.signal, proposal => {
      if (line == null && proposal.state === 'active' && (current == null || formatTally(proposal) !== formatTally(current))) {
        console.info(formatTally(proposal))
      }

      current = proposal
      line?.draw()
    })
    const proposal = await client.decision(subject.scope, subject.proposalId)

    end.abort()
    await following

    return proposal
  } finally {
    end.abort()
    clearInterval(timer)
    line?.close()
  }
}

/** Gives the proposal as it is, and again after each of its votes, until the signal */
async function follow (client: VotingClient, { scope, proposalId }: Subject, signal: AbortSignal, onChange: (proposal: ProposalInfo) => void): Promise<void> {
  let reading: Promise<void> | undefined
  const read = (): void => {
    // votes that come while it is read are waited for and read together
    reading ??= setTimeout(READ_INTERVAL, undefined, { signal })
      .then(async () => {
        reading = undefined
        onChange(await client.proposal(scope, proposalId, { signal }))
      })
      .catch(report)
  }
  const report = (err: Error): void => {
    // waiting goes on without it, and says it if the node is gone
    if (!signal.aborted && err.name !== 'NodeUnreachableError') {
      console.error(color.yellow(`warning: The tally cannot be followed: ${printable(err.message)}`))
    }
  }

  try {
    for await (const { type, data } of client.events({ signal, onConnect: read })) {
      if (type === 'reset' || ((type === 'vote' || type === 'evidence') && data.scope === scope && data.proposalId === proposalId)) {
        read()
      }
    }
  } catch (err) {
    report(err as Error)
  }
}

function tallyLine (proposal: ProposalInfo, columns: number): string {
  const { tally, expectedVotersCount, threshold, deadline, isEnding } = proposal
  const seconds = deadline - Date.now() / 1_000
  const left = isEnding || seconds <= 0 ? 'ending' : `${formatCountdown(seconds)} left`

  if (columns < MIN_BAR_COLUMNS) {
    return cutTo(`${formatTally(proposal)}, ${left}`, columns)
  }

  const quorum = quorumOf(expectedVotersCount, threshold)
  const width = Math.min(MAX_BAR, Math.floor((columns - 40) / 2))
  const bar = (side: 'yes' | 'no'): string => `${side} ${paintBar(makeBar(tally[side], quorum, expectedVotersCount, width), side)} ${tally[side]}`

  return cutTo(`${bar('yes')}  ${bar('no')}  of ${expectedVotersCount}, ${left}`, columns)
}
