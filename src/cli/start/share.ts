/**
 * A node's address for others to join by, as a QR code.
 */

import color from 'picocolors'
import { renderUnicodeCompact } from 'uqr'
import { printable } from '../output.ts'

/** Empty modules around the code that readers want */
const BORDER = 2

/**
 * The code as lines, or words why there is none. Its colours are said, since on a light terminal it would be inside out.
 *
 * @param columns - of the terminal; without one there is room
 */
export function shareAddress (address: string, columns = Infinity): string[] {
  const lines = renderUnicodeCompact(address, { border: BORDER }).split('\n')

  return lines[0].length > columns
    ? [`The terminal is too narrow for the QR code, which takes ${lines[0].length} columns. The address is: ${printable(address)}`]
    : lines.map(line => color.bgBlack(color.whiteBright(line)))
}

/** The address that reaches farthest: others can do nothing with one of loopback, unless they are on this machine, too */
export function addressToShare (addresses: string[]): string | undefined {
  return addresses.findLast(address => !/^\/(ip4\/127\.|ip6\/::1\/)/.test(address)) ?? addresses.at(-1)
}
