/**
 * Whether a node runs, answers, and can store.
 */

import { startCommandLine } from '../command.ts'
import { formatDuration, formatTime } from '../output.ts'
import { ok, problem, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'

export async function checkNode ({ settings: { dataDirectory }, running, alive, status, failure }: Subject): Promise<Finding[]> {
  if (status != null) {
    const { version, pid, uptimeSeconds, storage, keyAlarms, locks } = status

    return [
      ok('node', `process ${pid} runs version ${version} for ${formatDuration(uptimeSeconds)}`),
      storage.writable
        ? ok('store', 'it can be written')
        : problem('store', `it is read-only since ${formatTime(storage.since ?? 0)}: ${storage.reason}`, 'Make room on the disk, or let it be written. The node finds out by itself'),
      ...keyAlarms.map(({ reason, since }) => problem('key', `${reason}. It is so since ${formatTime(since)}, or was`, 'Stop one of the two nodes, and restart the other: the alarm lasts until then. If you know of no other node, take the key for leaked')),
      locks.usable
        ? ok('locks', 'this node can lock its votes')
        : problem('locks', `this node signs nothing: ${locks.problem}`, 'Let the lock directory be read and written. The node finds out within ten seconds'),
      ...locks.restoredAt == null
        ? []
        : [warning('restored', `at ${formatTime(locks.restoredAt)} this node found that its key, its vote locks or all of it were put back from an older copy, or are in use elsewhere`, 'Make sure that no other node has the key. On proposals from before the node votes once it has asked the members of a quorum')]
    ]
  }

  if (running == null) {
    return failure == null
      ? [warning('node', 'none runs, so what only a node knows was not looked at: peers, policies, the times of the others', `Start it: ${await startCommandLine(dataDirectory)}`)]
      : [problem('node', failure.message, 'Let the data directory be read, or give another one with --data-dir')]
  }

  if (!alive) {
    return [warning('node', `process ${running.pid} is gone without a word: it was killed, or the machine lost power`, `Start it again, which is safe: ${await startCommandLine(dataDirectory)}`)]
  }

  return failure == null
    ? [warning('node', `process ${running.pid} is starting or stopping`, 'Look again in a moment')]
    : [problem('node', `process ${running.pid} does not answer: ${failure.message}. It hangs, or was killed, and its number is that of another program now`, `If it is there, look at what it prints and end it. Start it again, which refuses if it is still there: ${await startCommandLine(dataDirectory)}`)]
}
