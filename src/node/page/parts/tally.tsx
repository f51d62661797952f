import { describeTally, votesNeeded } from '../words.ts'
import type { ProposalSummary } from '../../../client/types.ts'
import type { JSX } from 'preact'

export interface TallyProps {
  proposal: ProposalSummary
  large?: boolean
}

/** Two bars with one mark: the side that gets there wins */
export function Tally ({ proposal, large = false }: TallyProps): JSX.Element {
  const { tally, expectedVotersCount, quorum } = proposal
  const needed = votesNeeded(proposal)
  const place = share(needed, expectedVotersCount)

  return (
    <div class={large ? 'tally large' : 'tally'}>
      <p class='hidden'>{describeTally(proposal)}</p>
      <div class='bars' aria-hidden='true'>
        <Bar side='yes' votes={tally.yes} voters={expectedVotersCount} />
        <Bar side='no' votes={tally.no} voters={expectedVotersCount} />
        <div class='scale'>
          <div class='mark' style={{ left: place }} />
          {large && <div class='mark-label' style={{ left: place }}><span>{quorum == null ? 'needed' : 'quorum'} {needed} of {expectedVotersCount}</span></div>}
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
