/**
 * As many members as are asked for, connected with each other, in two forms: as full nodes and as bare gossipsub.
 */

import { join } from 'node:path'
import type { Ballots } from './ballots.ts'
import type { BareMember } from './bare-member.ts'
import type { FullMember } from './full-member.ts'
import type { Remote } from './remote.ts'
import type { GossipSigning } from '../../../src/node/interface.ts'

/** Who dials whom: everybody all others, or all the first, as they do who bootstrap from it */
export type Topology = 'mesh' | 'star'

type Member = BareMember | FullMember

export type Swarm<M extends Member> = Array<Remote<M>>

/** Full nodes that are connected and know the proposals. Their own addresses may be voters: the ballots are made for them. */
export async function fullSwarm (members: Swarm<FullMember>, folder: string, signing: GossipSigning, topology: Topology, makeBallots: (voters: string[]) => Promise<Ballots>): Promise<Ballots> {
  const started = await Promise.all(members.map(async (member, index) => member.call('start', join(folder, `${index}`), signing)))
  const ballots = await makeBallots(started.map(({ voter }) => voter))

  await Promise.all(members.map(async member => {
    await member.call('join', ballots.policy)
    await member.call('know', ballots.policy, ballots.announcements)
  }))
  await connect(members, started.map(({ addresses }) => addresses), topology)

  return ballots
}

export async function bareSwarm (members: Swarm<BareMember>, signing: GossipSigning, topology: Topology): Promise<void> {
  const addresses = await Promise.all(members.map(async member => member.call('start', signing)))

  await Promise.all(members.map(async member => member.call('join', 'bench')))
  await connect(members, addresses, topology)
}

/** Undefined if one has lost some; otherwise the milliseconds from the moment when a member begins to send until the last of the others has so many, counted from the start of the swarm */
export async function spread <M extends Member> (swarm: Swarm<M>, sender: number, total: number, send: (sender: Remote<M>) => Promise<bigint>): Promise<number | undefined> {
  const [begin, ...ends] = await Promise.all([
    send(swarm[sender]),
    ...swarm.map(async (member, index) => index === sender ? 0n : member.request('counted', [total]))
  ])

  if (ends.includes(undefined)) {
    return
  }

  const last = ends.reduce((last, end) => end > last ? end : last)

  return Number(last - begin) / 1_000_000
}

async function connect <M extends Member> (swarm: Swarm<M>, addresses: string[][], topology: Topology): Promise<void> {
  for (const [index, member] of swarm.entries()) {
    await member.request('connect', [addresses.slice(0, topology === 'mesh' ? index : Math.min(1, index)).flat()])
  }

  await Promise.all(swarm.map(async (member, index) => member.request('waitForMesh', [topology === 'mesh' || index === 0 ? swarm.length - 1 : 1])))
}
