import { count, formatDuration } from '../format.ts'
import { useNow, useResource } from '../hooks.ts'
import { client } from '../node.ts'
import { Alarms } from '../parts/alarms.tsx'
import { Evidence } from '../parts/evidence.tsx'
import { Chip, Failure, Loading } from '../parts/notice.tsx'
import { Fact } from '../parts/scope-head.tsx'
import { Code, ProposalName, Stranger } from '../parts/text.tsx'
import { Ago, Moment } from '../parts/time.tsx'
import { toProposal } from '../route.ts'
import { describeClock } from '../words.ts'
import type { ClockOffsetInfo, PeerInfo, ScopeInfo, StatusInfo } from '../../../client/types.ts'
import type { JSX } from 'preact'

const second = 1_000

/** Milliseconds: peers come and go without an event */
const POLL = 5 * second

/** Who the node is, whether it is well, and whom it knows */
export function NodeView ({ status }: { status: StatusInfo }): JSX.Element {
  return (
    <>
      <h1>Node</h1>
      <Alarms {...status} />
      <Health status={status} />
      <Peers />
      {status.scopes.length > 0 && <ScopeEvidence scopes={status.scopes} />}
      <section class='card' aria-labelledby='identity'>
        <h2 id='identity'>Identity</h2>
        <dl>
          <Fact name='votes as'><Code value={status.voter} copy='the address' /></Fact>
          <Fact name='peer id'><Code value={status.peerId} copy='the peer id' /></Fact>
          <Fact name='reached at'><ul class='plain'>{status.addresses.map(address => <li key={address}><Code value={address} copy='the address' /></li>)}</ul></Fact>
          <Fact name='version'>{status.version}, process {status.pid}</Fact>
          <Fact name='runs for'>{formatDuration(status.uptimeSeconds)}</Fact>
          <Fact name='data in'><code>{status.dataDirectory}</code></Fact>
        </dl>
      </section>
    </>
  )
}

function Health ({ status: { storage, scopes, bootstrap, peers, undecided, newerFormats } }: { status: StatusInfo }): JSX.Element {
  const others = scopes.flatMap(({ name, otherPolicies }) => otherPolicies.map(other => ({ scope: name, ...other })))

  return (
    <section class='card' aria-labelledby='health'>
      <h2 id='health'>Health</h2>
      <dl>
        <Fact name='storage'>{storage.writable ? <Chip tone='yes'>stores</Chip> : <><Chip tone='alarm'>read-only</Chip> <Stranger text={storage.reason ?? ''} /></>}</Fact>
        <Fact name='peers'>{peers === 0 ? <Chip tone='warning'>none connected</Chip> : `${peers} connected`}</Fact>
        {bootstrap.map(({ address, connected }) => (
          <Fact key={address} name='joins by'><Chip tone={connected ? 'yes' : 'warning'}>{connected ? 'connected' : 'not connected'}</Chip> <Code value={address} /></Fact>
        ))}
        {undecided.total > 0 && <Undecided undecided={undecided} />}
        {others.map(({ scope, peer, digest }) => (
          <Fact key={`${scope} ${peer}`} name='other policy'><Chip tone='warning'>{scope}</Chip> <Code value={peer} short /> has <Code value={digest} short /></Fact>
        ))}
        {scopes.flatMap(({ name, otherSigning }) => otherSigning.map(({ peer, signing }) => (
          <Fact key={`${name} ${peer} signing`} name='other signing'><Chip tone='warning'>{name}</Chip> <Code value={peer} short /> has <code>{signing}</code></Fact>
        )))}
        {newerFormats.map(({ peer, scope, since }) => (
          <Fact key={`${scope} ${peer} format`} name='newer format'><Chip tone='warning'>update this node</Chip> <Code value={peer} short /> sends what only a later version can read{scope != null && ` in ${scope}`}, first seen <Moment at={since} /></Fact>
        ))}
        {scopes.filter(({ clockOffset }) => clockOffset?.isOff === true).map(({ name, clockOffset }) => (
          <Fact key={`${name} clock`} name='clock'><Chip tone='warning'>{name}</Chip> it {describeClock(clockOffset as ClockOffsetInfo)}</Fact>
        ))}
        {scopes.flatMap(({ name: scope, missedAutoVotes }) => missedAutoVotes.map(({ proposalId, name, reason }) => (
          <Fact key={`${scope} ${proposalId} auto-vote`} name='automatic vote'><Chip tone='warning'>none</Chip> on <a href={toProposal(scope, proposalId)}><ProposalName name={name} /></a> in {scope}: {reason}</Fact>
        )))}
      </dl>
    </section>
  )
}

/** The proposals that have been waiting longest, and why */
function Undecided ({ undecided: { total, items } }: Pick<StatusInfo, 'undecided'>): JSX.Element {
  const now = useNow()

  return (
    <Fact name='undecided'>
      {count(total, 'proposal')}{items.length < total && `, the first ${items.length}:`}
      <ul class='plain'>
        {items.map(({ scope, proposalId, name, reason, deadline, endsAt }) => (
          <li key={`${scope} ${proposalId}`}>
            <a href={toProposal(scope, proposalId)}><ProposalName name={name} /></a> in {scope}. {reason}
            <span class='muted'> {now < deadline ? 'Voting ends' : 'Voting ended'} <Moment at={deadline} />.{now >= deadline && endsAt != null && now < endsAt && <> Votes that were on their way are taken in until <Moment at={endsAt} />.</>}</span>
          </li>
        ))}
      </ul>
    </Fact>
  )
}

function ScopeEvidence ({ scopes }: { scopes: ScopeInfo[] }): JSX.Element {
  return (
    <section class='card' aria-labelledby='evidence'>
      <h2 id='evidence'>Evidence</h2>
      <p class='muted'>Of who has voted both yes and no: the proposal and the two signed votes. Anyone who has the policy’s digest can check such a file.</p>
      {scopes.map(scope => (
        <div key={scope.name}>
          <h3>{scope.name}</h3>
          {scope.policy.decisionRule === 'quorum' ? <Evidence scope={scope} /> : <p class='muted'>None is to be had under the rule “{scope.policy.decisionRule}”.</p>}
        </div>
      ))}
    </section>
  )
}

function Peers (): JSX.Element {
  const { data, error } = useResource('peers', async signal => client.peers({ signal }), { every: POLL })

  return (
    <section class='card' aria-labelledby='peers'>
      <h2 id='peers'>Peers</h2>
      <Failure error={error} />
      {data == null && error == null && <Loading />}
      {data?.length === 0 && <p class='empty'>No peer is connected. Others join by an address of this node, see below.</p>}
      {data != null && data.length > 0 && (
        <table>
          <thead><tr><th scope='col'>Peer</th><th scope='col'>Voter</th><th scope='col'>Scopes in common</th><th scope='col'>Connected</th></tr></thead>
          <tbody>{data.map(peer => <PeerRow key={peer.peerId} peer={peer} />)}</tbody>
        </table>
      )}
    </section>
  )
}

/** Whose node a peer is, as it has proven */
function PeerVoters ({ voters }: Pick<PeerInfo, 'voters'>): JSX.Element {
  const different = voters.filter(({ voter }, index) => voters.findIndex(other => other.voter === voter) === index)

  return different.length === 0
    ? <span class='muted'>stranger</span>
    : <>{different.map(({ voter, name, counts }) => <div key={voter}>{name != null && <Stranger text={name} />} <Code value={voter} short />{!counts && <> <Chip tone='warning'>does not count</Chip></>}</div>)}</>
}

function PeerRow ({ peer: { peerId, voters, addresses, direction, scopes, connectedAt } }: { peer: PeerInfo }): JSX.Element {
  return (
    <tr>
      <th scope='row'><Code value={peerId} />{addresses.map(address => <div key={address} class='muted small'><Code value={address} /></div>)}</th>
      <td><PeerVoters voters={voters} /></td>
      <td>{scopes.length === 0 ? <span class='muted'>none</span> : scopes.join(', ')}</td>
      <td><Ago at={connectedAt} /><div class='muted small'>{direction}</div></td>
    </tr>
  )
}
