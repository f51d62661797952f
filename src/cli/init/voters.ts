/**
 * How voters are written on the command line: addresses, with names where people want them.
 */

import type { ScopePolicyInput } from '../../consensus/policy/policy.ts'

type Voters = NonNullable<ScopePolicyInput['voters']>

/**
 * Reads addresses with spaces or commas between them, each of them with a name before it where it has one, as in `Zoë=0x…`
 */
export function parseVoters (text: string): Voters {
  if (!text.includes('=')) {
    return text.split(/[\s,]+/).filter(address => address !== '')
  }

  // a name may have spaces, so only a comma or an address ends an entry
  return text.split(/,|(?<=0x[0-9a-fA-F]{40})\s+/).map(entry => entry.trim()).filter(entry => entry !== '').map(entry => {
    const [, name, address] = /^(.*?)\s*=\s*([^=]*)$/.exec(entry) ?? [undefined, undefined, entry]

    return name == null ? address : { address, name }
  })
}
