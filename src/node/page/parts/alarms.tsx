import { voterNames } from '../../../consensus/policy/voter-names.ts'
import { useNotes } from '../hooks.ts'
import { keyOf } from '../notes.ts'
import { toProposal } from '../route.ts'
import { Notice } from './notice.tsx'
import { Code, Fingerprint, ProposalName, Voter } from './text.tsx'
import { Moment } from './time.tsx'
import type { AlarmInfo, KeyAlarmInfo, StatusInfo } from '../../../client/types.ts'
import type { NameOf } from '../../../consensus/policy/voter-names.ts'
import type { Note } from '../notes.ts'
import type { JSX } from 'preact'

interface AlarmProps {
  alarm: AlarmInfo
  nameOf: NameOf
}

/** What somebody has to look into before anyone acts on a result */
export function Alarms ({ alarms, keyAlarms, scopes }: Pick<StatusInfo, 'alarms' | 'keyAlarms' | 'scopes'>): JSX.Element | null {
  const notes = useNotes()

  if (alarms.length + keyAlarms.length + notes.length === 0) {
    return null
  }

  return (
    <section class='alarms' aria-labelledby='alarms'>
      <h2 id='alarms'>Look into this first</h2>
      {keyAlarms.toReversed().map(alarm => <KeyAlarm key={`${alarm.kind} ${alarm.scope} ${alarm.peer}`} alarm={alarm} />)}
      {alarms.toReversed().map(alarm => <Alarm key={`${alarm.kind} ${alarm.scope} ${alarm.proposalId}`} alarm={alarm} nameOf={voterNames(scopes.find(({ name }) => name === alarm.scope)?.policy ?? { voters: null })} />)}
      {notes.toReversed().map(note => <OwnVote key={keyOf(note)} note={note} />)}
      {notes.length > 0 && <p class='hint'>Votes of the own key are shown here as they come, while this page is open. The node’s log has those from before.</p>}
    </section>
  )
}

function Alarm ({ alarm, nameOf }: AlarmProps): JSX.Element {
  const { scope, proposalId, fingerprint, name, kind, reason, culprits } = alarm

  if (kind === 'collision') {
    return <Collision alarm={alarm} nameOf={nameOf} />
  }

  return (
    <Notice tone='alarm' title={kind === 'conflict' ? 'Conflict' : 'Contradicted result'}>
      <p><a href={toProposal(scope, proposalId)}><ProposalName name={name} /></a> (<Fingerprint value={fingerprint} />) in {scope}: {reason}. Talk to the other members before anyone acts on it.</p>
      {culprits.length === 0
        ? <p>The votes of those who voted both ways are not here any more.</p>
        : <div>Voted both yes and no:<ul class='plain'>{culprits.map(voter => <li key={voter}><Voter address={voter} nameOf={nameOf} /></li>)}</ul></div>}
    </Notice>
  )
}

function KeyAlarm ({ alarm: { kind, scope, peer, address, since } }: { alarm: KeyAlarmInfo }): JSX.Element {
  if (kind === 'peer') {
    return (
      <Notice tone='alarm' title='Another node runs with a copy of this node’s keys'>
        <p>
          It has proven this node’s peer id {address == null ? <>to members of {scope}</> : <>at <Code value={address} /></>}, first seen <Moment at={since} />. Peers take both for one, so that messages
          are lost, and the voter may vote both yes and no: stop one of the two, and start it again with an empty data directory.
        </p>
      </Notice>
    )
  }

  return (
    <Notice tone='alarm' title='Another node has this node’s voter key'>
      <p>
        Peer <Code value={peer} short /> has proven it in {scope}, first seen <Moment at={since} />. Two nodes with one key may vote both yes and no: stop one of them. If you know of no other node, take
        the key for leaked.
      </p>
    </Notice>
  )
}

function Collision ({ alarm: { scope, proposalId, fingerprint, name, proposer, refused }, nameOf }: AlarmProps): JSX.Element {
  return (
    <Notice tone='alarm' title='Two proposals have one id'>
      <p>Both have the id {proposalId} in {scope}. Other members may hold the one that this node has refused: compare fingerprints before anyone votes, and propose again.</p>
      <ul class='plain'>
        <li>Held here: <a href={toProposal(scope, proposalId)}><ProposalName name={name} /></a>, <Fingerprint value={fingerprint} />, by <Voter address={proposer} nameOf={nameOf} /></li>
        {refused != null && <li>Refused: <ProposalName name={refused.name} />, <Fingerprint value={refused.fingerprint} />, by <Voter address={refused.proposer} nameOf={nameOf} /></li>}
      </ul>
    </Notice>
  )
}

function OwnVote ({ note: { data: { scope, proposalId, choice, bound } } }: { note: Note }): JSX.Element {
  return (
    <Notice tone='alarm' title='A vote of this node’s own key came from elsewhere'>
      <p>
        It says {choice} to <a href={toProposal(scope, proposalId)}>#{proposalId}</a> in {scope}. {bound == null ? 'It counts, and this node casts no other.' : `This node is bound to ${bound}.`} Another
        node votes with this key, or this one was set up from an old copy of its data: find out which, and let only one of them run.
      </p>
    </Notice>
  )
}
