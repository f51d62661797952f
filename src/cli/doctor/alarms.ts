/**
 * What the node keeps as alarms, until its operator has looked into it.
 */

import { describeCollision, formatId, formatVoter, namesIn, quotedName } from '../output.ts'
import { ok, problem, warning } from './findings.ts'
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
      : problem('alarms', `proposal ${formatId(alarm)} ${quotedName(alarm.name)} in scope ${alarm.scope}: ${alarm.reason}${alarm.culprits.length === 0 ? '' : `; both ways voted ${alarm.culprits.map(voter => formatVoter(voter, names(alarm.scope))).join(', ')}`}`, `Do not act on it before you have talked to them. "libp2p-voting evidence ${alarm.scope} ${alarm.proposalId}" shows their votes`))
}
