/**
 * The only place of the core that looks at a clock. Everything else is given the time, so that it can be tested, replayed
 * and simulated; a service made without a clock of its own gets this one.
 *
 * @returns Unix seconds
 */
export function systemClock (): bigint {
  // eslint-disable-next-line no-restricted-syntax -- see above
  return BigInt(Math.floor(Date.now() / 1000))
}
