/**
 * The binary behind a firewall: it takes the same arguments, and `--wall PORTS`, TCP ports it cannot connect to, or `--door PORTS`,
 * the only ones that it can. Peers tell each other where they listen, so a proxy alone does not keep two apart that have met.
 */

import { Socket } from 'node:net'

const walled = takePorts('--wall')
const open = takePorts('--door')
const connect = Socket.prototype.connect

Socket.prototype.connect = function (this: Socket, ...args: any[]) {
  // net.connect gives the normalised arguments as one
  const [options] = args.flat(1)
  const port = Number(options?.port ?? options)

  if (walled?.has(port) === true || open?.has(port) === false) {
    process.nextTick(() => { this.destroy(Object.assign(new Error(`connect ECONNREFUSED: the wall is before port ${port}`), { code: 'ECONNREFUSED' })) })

    return this
  }

  return Reflect.apply(connect, this, args)
} as typeof connect

await import('../../src/cli/index.ts')

/** The ports after an option, which is taken out of the arguments */
function takePorts (option: string): Set<number> | undefined {
  const index = process.argv.indexOf(option)

  return index < 0 ? undefined : new Set(process.argv.splice(index, 2)[1].split(',').map(Number))
}
