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
 * // both are in the data directory of the node: `running.json` and `api.token`
 * const client = new VotingClient({ url: 'http://127.0.0.1:40123', token: '…' })
 *
 * const { proposalId } = await client.propose('council', { name: 'Upgrade to version 2?', expectedVotersCount: 3 })
 *
 * await client.vote('council', proposalId, 'yes')
 *
 * const { state, result } = await client.decision('council', proposalId)
 * console.info(state, result)
 * ```
 */

export { VotingClient } from './client.ts'
export { ApiProblemError, NodeUnreachableError, UnexpectedAnswerError } from './errors.ts'
export type * from './types.ts'
export type { CallOptions, ClientInit, EventsOptions, ListOptions } from './client.ts'
