import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiProblemError } from '../../../client/errors.ts'
import { client } from '../node.ts'
import { ownVote } from '../own-votes.ts'
import { Chip, Notice } from './notice.tsx'
import { Code, Fingerprint, ProposalName, Stranger } from './text.tsx'
import { Ago, Moment } from './time.tsx'
import type { AutoVoteInfo, Choice, ProposalInfo, ScopeInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

export interface VotePanelProps {
  proposal: ProposalInfo
  scope: ScopeInfo
  voter: string
  now: number
}

/** Our own vote: what it was, or the two buttons */
export function VotePanel ({ proposal, scope, voter, now }: VotePanelProps): JSX.Element | null {
  const [choice, setChoice] = useState<Choice>()
  const own = ownVote(proposal.votes, voter)
  const timestamp = proposal.votes.find(vote => vote.voter === voter)?.timestamp
  // a result may stand, and votes are still taken until the deadline: one can make a quorum of silence
  const open = now < proposal.deadline && own == null && !proposal.votesPruned

  if (own == null && !open) {
    return null
  }

  return (
    <section class='card own-vote' aria-labelledby='own-vote'>
      <h2 id='own-vote' tabIndex={-1}>Your vote</h2>
      {own != null && <p><Chip tone={own}>{own === 'yes' ? 'Yes' : 'No'}</Chip> cast {timestamp != null && <Ago at={timestamp} />}, signed by <Code value={voter} short />. A vote is final.</p>}
      {open && !scope.mayVote && <p class='muted'>This node’s key, <Code value={voter} />, is not among the voters of {scope.name}.</p>}
      {open && scope.mayVote && proposal.unasked != null && <Notice tone='warning' title='The node does not vote on it yet'><Stranger text={proposal.unasked} lines /></Notice>}
      {open && scope.mayVote && (
        <div class='ballot'>
          <button type='button' class='ballot-yes' onClick={() => { setChoice('yes') }}>Vote yes</button>
          <button type='button' class='ballot-no' onClick={() => { setChoice('no') }}>Vote no</button>
        </div>
      )}
      {open && proposal.autoVote != null && <AutoVote autoVote={proposal.autoVote} unasked={proposal.unasked} now={now} />}
      {choice != null && <Confirmation choice={choice} proposal={proposal} voter={voter} onEnd={() => { setChoice(undefined) }} />}
    </section>
  )
}

/** What becomes of our vote if the operator casts none */
function AutoVote ({ autoVote: { choice, dueAt, problem }, unasked, now }: { autoVote: AutoVoteInfo, unasked?: string, now: number }): JSX.Element {
  if (problem == null) {
    return <p>{now < dueAt ? <>This node votes <strong>{choice}</strong> automatically <Moment at={dueAt} />, unless you vote before.</> : <>This node is voting <strong>{choice}</strong> automatically.</>}</p>
  }

  return (
    <Notice tone='warning' title={`This node does not vote ${choice} automatically${now < dueAt ? ' as it stands' : ''}`}>
      {problem === unasked ? 'The reason is above.' : <><Stranger text={`${problem}.`} lines /> Vote yourself before the deadline.</>}
    </Notice>
  )
}

interface ConfirmationProps {
  choice: Choice
  proposal: ProposalInfo
  voter: string
  onEnd (): void
}

function Confirmation ({ choice, proposal: { scope, proposalId, fingerprint, name }, voter, onEnd }: ConfirmationProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const unsynced = error instanceof ApiProblemError && error.kind === 'NotSyncedError'

  useEffect(() => { dialog.current?.showModal() }, [])

  const cast = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)

    try {
      await client.vote(scope, proposalId, choice, { force: unsynced ? true : undefined })
      dialog.current?.close()
      // the buttons that had the focus are gone
      document.getElementById('own-vote')?.focus()
    } catch (err: any) {
      setError(err)
    } finally {
      setBusy(false)
    }
  }

  return (
    <dialog ref={dialog} aria-labelledby='confirm-title' onClose={onEnd}>
      <h2 id='confirm-title'>Vote {choice}?</h2>
      <p class='quote'><ProposalName name={name} /></p>
      <p>Proposal {proposalId}{fingerprint != null && <> (<Fingerprint value={fingerprint} />)</>} in {scope}. Your node signs the vote as <Code value={voter} short /> and sends it to all members. It is final: nobody can change it or take it back.</p>
      {error != null && (
        <div role='alert'>
          <Notice tone='alarm' title='The vote was not cast'><Stranger text={error.message} lines /></Notice>
          {unsynced && <p>If you are sure that this key has not voted on this proposal elsewhere, you can vote anyway.</p>}
        </div>
      )}
      <div class='dialog-buttons'>
        <button type='button' onClick={() => { dialog.current?.close() }}>Cancel</button>
        <button type='button' class={`ballot-${choice}`} aria-busy={busy} disabled={busy} onClick={() => { void cast() }}>{unsynced ? 'Vote anyway' : `Vote ${choice}`}</button>
      </div>
    </dialog>
  )
}
