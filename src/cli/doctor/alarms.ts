/**
 * What the node keeps as alarms, until its operator has looked into it.
 */

import { describeCollision, formatId, namesIn, quotedName } from '../output.ts'
import { ok, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'

export async function checkAlarms ({ status }: Subject): Promise<Finding[]> {
  if (status == null) {
    return []
  }

  const names = namesIn(status.scopes)

  return status.alarms.length === 0
    ? [ok('alarms', 'there are none')]
    : status.alarms.map(alarm => alarm.kind === 'collision'
      ? warning('alarms', `two proposals in scope ${alarm.scope} have one id: ${describeCollision(alarm, names(alarm.scope))}`, 'Ask the other members which of the two they hold, with its fingerprint. Nobody should rely on either')
      : warning('alarms', `proposal ${formatId(alarm)} ${quotedName(alarm.name)} in scope ${alarm.scope}: ${alarm.reason}`, `Do not act on it. "libp2p-voting evidence ${alarm.scope} ${alarm.proposalId}" shows who has voted both ways`))
}
