/**
 * @packageDocumentation
 *
 * A typed client of a node's control API. Needs nothing but `fetch`.
 *
 * @example
 *
 * ```TypeScript
 * import { VotingClient } from 'libp2p-voting/client'
 *
 * import { createNode } from 'libp2p-voting/node'
 *
 * const node = await createNode({ dataDirectory: './node-2', local: true })
 *
 * // other processes find both in the data directory of the node: url in `running.json`, token in `api.token`
 * const { url, token } = node.api
 * const client = new VotingClient({ url, token })
 *
 * await client.join({ name: 'council' })
 * const { proposalId } = await client.propose('council', { name: 'Upgrade to version 2?', expectedVotersCount: 1 })
 *
 * await client.vote('council', proposalId, 'yes')
 *
 * const { state, result } = await client.decision('council', proposalId)
 * console.info(state, result) // reached yes
 *
 * await node.stop()
 * ```
 */

export { VotingClient } from './client.ts'
export { ApiProblemError, NodeUnreachableError, UnexpectedAnswerError } from './errors.ts'
export type * from './types.ts'
export type { CallOptions, ClientInit, EvidenceListOptions, ListOptions } from './client.ts'
export type { EventsOptions } from './follow.ts'
