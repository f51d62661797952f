import { describeTally, votesNeeded } from '../words.ts'
import type { ProposalSummary } from '../../../client/types.ts'
import type { ScopePolicy } from '../../../consensus/policy.ts'
import type { JSX } from 'preact'

export interface TallyProps {
  proposal: ProposalSummary
  rule: ScopePolicy['decisionRule']
  large?: boolean
}

/** Two bars with one mark: the side that gets there wins */
export function Tally ({ proposal, rule, large = false }: TallyProps): JSX.Element {
  const { tally, expectedVotersCount, threshold } = proposal
  const needed = votesNeeded(rule, expectedVotersCount, threshold)
  const place = share(needed, expectedVotersCount)

  return (
    <div class={large ? 'tally large' : 'tally'}>
      <p class='hidden'>{describeTally(proposal, needed, rule)}</p>
      <div class='bars' aria-hidden='true'>
        <Bar side='yes' votes={tally.yes} voters={expectedVotersCount} />
        <Bar side='no' votes={tally.no} voters={expectedVotersCount} />
        <div class='scale'>
          <div class='mark' style={{ left: place }} />
          {large && <div class='mark-label' style={{ left: place }}><span>{rule === 'quorum' ? 'quorum' : 'needed'} {needed} of {expectedVotersCount}</span></div>}
        </div>
      </div>
    </div>
  )
}

function Bar ({ side, votes, voters }: { side: 'yes' | 'no', votes: number, voters: number }): JSX.Element {
  return (
    <>
      <span class={`side ${side}`}>{side === 'yes' ? 'Yes' : 'No'}</span>
      <div class={`track ${side}`}><div class={`fill ${side}`} style={{ width: share(votes, voters) }} /></div>
      <span class={`votes ${side}`}>{votes}</span>
    </>
  )
}

function share (part: number, whole: number): string {
  return `${Math.min(100, whole === 0 ? 0 : 100 * part / whole)}%`
}
