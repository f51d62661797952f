import { useNotes } from '../hooks.ts'
import { keyOf } from '../notes.ts'
import { toProposal } from '../route.ts'
import { Notice } from './notice.tsx'
import { Code, ProposalName } from './text.tsx'
import type { AlarmInfo } from '../../../client/types.ts'
import type { Note } from '../notes.ts'
import type { JSX } from 'preact'

/** What somebody has to look into before anyone acts on a result */
export function Alarms ({ alarms }: { alarms: AlarmInfo[] }): JSX.Element | null {
  const notes = useNotes()

  if (alarms.length + notes.length === 0) {
    return null
  }

  return (
    <section class='alarms' aria-labelledby='alarms'>
      <h2 id='alarms'>Look into this first</h2>
      {alarms.toReversed().map(alarm => <Alarm key={`${alarm.scope} ${alarm.proposalId}`} alarm={alarm} />)}
      {notes.toReversed().map(note => note.type === 'own-vote'
        ? <OwnVote key={keyOf(note)} note={note} />
        : <Collision key={keyOf(note)} note={note} />)}
      {notes.length > 0 && <p class='hint'>Votes of the own key and equal ids are shown here as they come, while this page is open. The node’s log has those from before.</p>}
    </section>
  )
}

function Alarm ({ alarm: { scope, proposalId, name, kind, reason, culprits } }: { alarm: AlarmInfo }): JSX.Element {
  return (
    <Notice tone='alarm' title={kind === 'conflict' ? 'Conflict' : 'Contradicted result'}>
      <p><a href={toProposal(scope, proposalId)}><ProposalName name={name} /></a> in {scope}: {reason}. Talk to the other members before anyone acts on it.</p>
      {culprits.length === 0
        ? <p>Nobody is known to have voted both ways, so part of the members must have been cut off.</p>
        : <div>Voted both yes and no:<ul class='plain'>{culprits.map(voter => <li key={voter}><Code value={voter} /></li>)}</ul></div>}
    </Notice>
  )
}

function OwnVote ({ note: { data: { scope, proposalId, choice, bound } } }: { note: Extract<Note, { type: 'own-vote' }> }): JSX.Element {
  return (
    <Notice tone='alarm' title='A vote of this node’s own key came from elsewhere'>
      <p>
        It says {choice} to <a href={toProposal(scope, proposalId)}>#{proposalId}</a> in {scope}. {bound == null ? 'It counts, and this node casts no other.' : `This node is bound to ${bound}.`} Another
        node votes with this key, or this one was set up from an old copy of its data: find out which, and let only one of them run.
      </p>
    </Notice>
  )
}

function Collision ({ note: { data: { scope, proposalId } } }: { note: Extract<Note, { type: 'collision' }> }): JSX.Element {
  return (
    <Notice tone='warning' title='Two proposals have one id'>
      <p>Another proposal came that has the id of <a href={toProposal(scope, proposalId)}>#{proposalId}</a> in {scope}. The first one stays, and whoever made the other has to propose it again.</p>
    </Notice>
  )
}
