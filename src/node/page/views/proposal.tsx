import { voterNames } from '../../../consensus/policy/voter-names.ts'
import { useNow, useProposal } from '../hooks.ts'
import { Certificate } from '../parts/certificate.tsx'
import { Evidence } from '../parts/evidence.tsx'
import { Failure, Chip, Loading, Notice } from '../parts/notice.tsx'
import { Payload } from '../parts/payload.tsx'
import { Fact } from '../parts/scope-head.tsx'
import { Tally } from '../parts/tally.tsx'
import { Code, Fingerprint, ProposalName, Voter } from '../parts/text.tsx'
import { Ago, Moment, TimeLeft } from '../parts/time.tsx'
import { VotePanel } from '../parts/vote-panel.tsx'
import { Voters } from '../parts/voters.tsx'
import { toHistory } from '../route.ts'
import { describeSilenceOn, describeState, explain } from '../words.ts'
import type { AutoVoteInfo, ProposalInfo, ScopeInfo, StatusInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

export interface ProposalViewProps {
  status: StatusInfo
  scope: string
  proposalId: number
}

/** One proposal: what is asked, how it stands and why, who voted, and our vote */
export function ProposalView ({ status, scope: name, proposalId }: ProposalViewProps): JSX.Element {
  const scope = status.scopes.find(scope => scope.name === name)
  const { data: proposal, error } = useProposal(name, proposalId)

  return (
    <>
      <p class='crumbs'><a href='#/'>Decisions</a> <span aria-hidden='true'>/</span> <a href={toHistory({ scope: name })}>{name}</a> <span aria-hidden='true'>/</span> #{proposalId}{proposal?.fingerprint != null && <> <Fingerprint value={proposal.fingerprint} /></>}</p>
      <h1>{proposal == null ? `Proposal ${proposalId}` : <ProposalName name={proposal.name} />}</h1>
      <Failure error={error} />
      {proposal == null && error == null && <Loading />}
      {proposal != null && scope != null && <Found proposal={proposal} scope={scope} voter={status.voter} />}
    </>
  )
}

function Found ({ proposal, scope, voter }: { proposal: ProposalInfo, scope: ScopeInfo, voter: string }): JSX.Element {
  const now = useNow()
  const { tally: { doubles = 0 }, doubleVoters } = proposal

  return (
    <>
      {scope.open && <Notice tone='warning' title='Open scope: anyone may vote'>A result here says nothing about who wanted it.</Notice>}
      <section class='card' aria-labelledby='standing'>
        <Standing proposal={proposal} now={now} />
        <Tally proposal={proposal} large />
        {explain(proposal, scope.policy, now).map(line => <p key={line}>{line}</p>)}
        {doubleVoters > 0 && (
          <p>
            <Chip tone='alarm'>{doubleVoters} voted both yes and no</Chip>{' '}
            {doubles === doubleVoters ? 'They are counted on both sides.' : 'A vote that was not cast in the proposal’s time counts for no side.'}
          </p>
        )}
        <Certificate proposal={proposal} />
      </section>
      <VotePanel proposal={proposal} scope={scope} voter={voter} now={now} />
      {doubleVoters > 0 && (
        <section class='card' aria-labelledby='evidence'>
          <h2 id='evidence'>Evidence</h2>
          <p class='muted'>The proposal and the two signed votes: anyone who has the policy’s digest can check such a file.</p>
          <Evidence scope={scope} proposalId={proposal.proposalId} />
        </section>
      )}
      <Payload proposal={proposal} />
      <Voters proposal={proposal} scope={scope} voter={voter} />
      <Facts proposal={proposal} scope={scope} now={now} />
    </>
  )
}

function Standing ({ proposal, now }: { proposal: ProposalInfo, now: number }): JSX.Element {
  const { tone, text } = describeState(proposal, now)

  return (
    <div class='standing'>
      <h2 id='standing'><Chip tone={tone}>{text}</Chip></h2>
      {proposal.state === 'active' ? <TimeLeft deadline={proposal.deadline} /> : <span class='muted'>proposed <Ago at={proposal.timestamp} /></span>}
    </div>
  )
}

/** What the node votes automatically, or why it does not */
function AutoVote ({ autoVote: { choice, dueAt, problem }, now }: { autoVote: AutoVoteInfo, now: number }): JSX.Element {
  return (
    <Fact name='automatic vote'>
      {problem == null ? <>{choice} <Moment at={dueAt} />{dueAt > now && ', unless you vote before'}</> : <><Chip tone='warning'>none</Chip> {problem}</>}
    </Fact>
  )
}

function Facts ({ proposal, scope, now }: { proposal: ProposalInfo, scope: ScopeInfo, now: number }): JSX.Element {
  return (
    <section class='card' aria-labelledby='facts'>
      <h2 id='facts'>Details</h2>
      <dl>
        <Fact name='id'>{proposal.proposalId}</Fact>
        {proposal.fingerprint != null && <Fact name='fingerprint'><Fingerprint value={proposal.fingerprint} /></Fact>}
        <Fact name='proposed by'><Voter address={proposal.proposer} nameOf={voterNames(scope.policy)} /></Fact>
        <Fact name='proposed'><Moment at={proposal.timestamp} /></Fact>
        <Fact name='deadline'><Moment at={proposal.deadline} /></Fact>
        {proposal.decidedAt != null && <Fact name='decided'><Moment at={proposal.decidedAt} />, when this node first held the quorum</Fact>}
        {proposal.undecided?.endsAt != null && proposal.undecided.endsAt > proposal.deadline && <Fact name='after it'>votes that are on their way are taken in until <Moment at={proposal.undecided.endsAt} /></Fact>}
        <Fact name='rule'>{scope.policy.decisionRule}, {proposal.threshold} of {proposal.expectedVotersCount}</Fact>
        <Fact name='silence'>{describeSilenceOn(proposal, scope.policy)}</Fact>
        {proposal.autoVote != null && <AutoVote autoVote={proposal.autoVote} now={now} />}
        <Fact name='policy'><Code value={scope.digest} /></Fact>
      </dl>
    </section>
  )
}
