/**
 * @packageDocumentation
 *
 * A voting node for operators: keys, store, libp2p and control API, out of a data directory. The binary is a thin layer
 * over this.
 *
 * @example
 *
 * ```TypeScript
 * import { createNode } from 'libp2p-voting/node'
 *
 * const node = await createNode({ dataDirectory: './node-1', local: true })
 *
 * console.info(node.voter, node.libp2p.getMultiaddrs())
 * await node.voting.join({ name: 'council', decisionRule: 'reference', voters: [node.voter] })
 *
 * await node.stop()
 * ```
 */

export { createNode } from './create-node.ts'
export { ExportFileError } from '../storage/export/format.ts'
export { exportStore } from '../storage/export/export.ts'
export { BootstrapUnreachableError, DataDirectoryError, DataDirectoryInUseError, InvalidOptionError, KeyFileError, ListenError } from './errors.ts'
export { importStore } from './import/import-store.ts'
export { defaultDataDirectory, defaultLockDirectory, readRunning, readToken } from './host/running-node.ts'
export type { NodeInit, StartStep } from './host/config.ts'
export type { ImportInit, ImportSummary } from './import/import-store.ts'
export type { BootstrapPeer, GossipSigning, ReadOnly, VotingLibp2p, VotingNode } from './interface.ts'
export type { LogLevel, LogLine } from './host/log.ts'
export type { RunningNode } from './host/running-node.ts'
