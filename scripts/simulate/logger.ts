/**
 * Logs of simulated nodes: nobody reads them.
 */

import type { ComponentLogger, Logger } from '@libp2p/interface'

const silent: Logger = Object.assign(() => {}, {
  enabled: false,
  error: () => {},
  trace: () => {},
  newScope: () => silent
})

export const silentLogger: ComponentLogger = { forComponent: () => silent }
