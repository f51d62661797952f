import { useNow } from '../hooks.ts'
import { toProposal } from '../route.ts'
import { describeState } from '../words.ts'
import { Chip } from './notice.tsx'
import { Tally } from './tally.tsx'
import { Fingerprint, ProposalName } from './text.tsx'
import { Ago, TimeLeft } from './time.tsx'
import type { Choice, ProposalSummary } from '../../../client/types.ts'
import type { JSX } from 'preact'

export interface ProposalRowProps {
  proposal: ProposalSummary
  /** What our key has voted, if it may and if that is known */
  own?: Choice | 'none'
}

/** A proposal in a list */
export function ProposalRow ({ proposal, own }: ProposalRowProps): JSX.Element {
  const { scope, proposalId, fingerprint, name, state, deadline, timestamp } = proposal
  const now = useNow()
  const { tone, text } = describeState(proposal, now)
  const voting = state === 'active' && now < deadline

  return (
    <li class='row'>
      <div class='row-text'>
        <a class='row-name' href={toProposal(scope, proposalId)}><ProposalName name={name} /></a>
        <p class='row-facts'>
          {!voting && <Chip tone={tone}>{text}</Chip>}
          {voting && own === 'none' && <Chip tone='asked'>Your vote is open</Chip>}
          {own != null && own !== 'none' && <span>You voted {own}</span>}
          {state === 'active' ? <TimeLeft deadline={deadline} /> : <Ago at={timestamp} />}
          <span class='muted'>#{proposalId}</span>
          {fingerprint != null && <Fingerprint value={fingerprint} />}
        </p>
      </div>
      <Tally proposal={proposal} />
    </li>
  )
}
