import { describeOwnAutoVote, describeSilence } from '../../../client/on-silence.ts'
import { voterNames } from '../../../consensus/policy/voter-names.ts'
import { count, formatDuration } from '../format.ts'
import { toPropose } from '../route.ts'
import { describeClock, describeRights, describeTolerance, describeVoters } from '../words.ts'
import { Chip, Notice } from './notice.tsx'
import { Code, Voter } from './text.tsx'
import type { ScopeInfo } from '../../../client/types.ts'
import type { ScopePolicy } from '../../../consensus/policy/policy.ts'
import type { ComponentChildren, JSX } from 'preact'

/** Voters of a policy that are listed: more than a screen of them is for the file */
const LISTED = 100

/** A scope, what its rules promise, and who is there */
export function ScopeHead ({ scope }: { scope: ScopeInfo }): JSX.Element {
  const { name, open, otherPolicies, otherSigning, clockOffset, policy } = scope
  const tolerance = describeTolerance(scope)
  const rights = describeRights(scope)
  const voters = describeVoters(policy)
  const ownAutoVote = describeOwnAutoVote(scope)
  const silence = describeSilence(policy)

  return (
    <header class='scope-head'>
      <div class='scope-title'>
        <h2 id={`scope-${name}`}>{name}</h2>
        {scope.mayPropose && <a class='button' href={toPropose(name)}>Propose<span class='hidden'> in {name}</span></a>}
      </div>
      {open && <Notice tone='warning' title='Open: anyone may vote'>Whoever makes the most keys wins here. Use open scopes to try things.</Notice>}
      {otherPolicies.length > 0 && (
        <Notice tone='warning' title={`${count(otherPolicies.length, 'peer')} ${otherPolicies.length === 1 ? 'is' : 'are'} in this scope under another policy`}>
          They and this node never hear each other. Compare digests and agree on one policy file.
          <ul class='plain'>{otherPolicies.map(({ peer, digest }) => <li key={peer}><Code value={peer} short /> has <Code value={digest} short /></li>)}</ul>
        </Notice>
      )}
      {otherSigning.length > 0 && (
        <Notice tone='warning' title={`${count(otherSigning.length, 'peer')} ${otherSigning.length === 1 ? 'signs its' : 'sign their'} gossip in another way`}>
          What they and this node publish does not get through: votes come late, when nodes sync. Start all members with the same <code>--gossip-signing</code>.
          <ul class='plain'>{otherSigning.map(({ peer, signing }) => <li key={peer}><Code value={peer} short /> has <code>{signing}</code></li>)}</ul>
        </Notice>
      )}
      {clockOffset?.isOff === true && (
        <Notice tone='warning' title='The clock of this node is off'>
          It {describeClock(clockOffset)}; {policy.clockSkewSeconds} s are allowed. Have it set by the network (NTP).
        </Notice>
      )}
      <p class='scope-facts'>
        {rights != null && <Chip tone='asked'>{rights}</Chip>}
        {voters != null && <span>{voters}</span>}
        {silence.matters && <Chip tone={silence.proposerChooses ? 'warning' : 'asked'}>{silence.text}</Chip>}
        {ownAutoVote != null && <Chip tone='asked'>{ownAutoVote}</Chip>}
        {!open && <span>{tolerance.tone === 'warning' ? <Chip tone='warning'>{tolerance.text}</Chip> : tolerance.text}</span>}
        <span><Present scope={scope} /></span>
        <span>digest <Code value={scope.digest} short /></span>
      </p>
      <Policy scope={scope} />
    </header>
  )
}

/** Members and strangers are told apart: of a stranger nothing can be asked */
function Present ({ scope: { open, policy, peers, members, noneToAsk } }: { scope: ScopeInfo }): JSX.Element {
  if (peers.length === 0 && members.length === 0) {
    return <Chip tone='warning'>no peers</Chip>
  }

  if (noneToAsk) {
    return <>{count(peers.length, 'peer')} <Chip tone='warning'>no peer here can be asked</Chip></>
  }

  if (open || policy.voters?.length === 1) {
    return <>{count(peers.length, 'peer')}</>
  }

  return members.length === 0
    ? <><Chip tone='warning'>no member connected</Chip> {count(peers.length, 'stranger')}</>
    : <>{count(members.length, 'member')} connected</>
}

function Policy ({ scope: { digest, policy, open, retainVotesSeconds } }: { scope: ScopeInfo }): JSX.Element {
  const { decisionRule, threshold, defaultTimeoutSeconds, minLifetimeSeconds, clockSkewSeconds, graceSeconds, voters, proposers } = policy
  const silence = describeSilence(policy)

  return (
    <details>
      <summary>Policy</summary>
      <dl>
        <Fact name='digest'><Code value={digest} copy='the digest' /> Members compare it: it is equal where the policy is.</Fact>
        <Fact name='decided by'>{decisionRule}, {threshold} of the voters</Fact>
        <Fact name='silence'>{silence.proposerChooses ? <Chip tone='warning'>{silence.text}</Chip> : silence.text}</Fact>
        <Fact name='time to vote'>{formatDuration(defaultTimeoutSeconds)} if the proposer does not say, at least {formatDuration(minLifetimeSeconds)}</Fact>
        <Fact name='clocks'>may be {formatDuration(clockSkewSeconds)} apart; late votes are waited for {formatDuration(graceSeconds)}</Fact>
        <Fact name='votes kept'>{retainVotesSeconds == null ? 'for ever' : `${formatDuration(retainVotesSeconds)} after a proposal’s end; results for ever`}</Fact>
        <Fact name='voters'>{voters == null ? 'anyone' : <Addresses list={voters.map(({ address }) => address)} policy={policy} />}</Fact>
        <Fact name='proposers'>{proposers == null ? `the voters${open ? ': anyone' : ''}` : <Addresses list={proposers} policy={policy} />}</Fact>
      </dl>
    </details>
  )
}

export function Fact ({ name, children }: { name: string, children: ComponentChildren }): JSX.Element {
  return <div class='fact'><dt>{name}</dt><dd>{children}</dd></div>
}

function Addresses ({ list, policy }: { list: string[], policy: ScopePolicy }): JSX.Element {
  const nameOf = voterNames(policy)

  return (
    <ul class='plain'>
      {list.slice(0, LISTED).map(address => <li key={address}><Voter address={address} nameOf={nameOf} /></li>)}
      {list.length > LISTED && <li>and {list.length - LISTED} more</li>}
    </ul>
  )
}
