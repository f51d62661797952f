/**
 * The process of a member: does what the benchmark asks for, one call after the other answered, and ends with it.
 *
 *     node member.js full|bare
 */

import { BareMember } from './bare-member.ts'
import { FullMember } from './full-member.ts'
import type { Answer, Call } from './remote.ts'

const member: any = process.argv[2] === 'full' ? new FullMember() : new BareMember()

process.on('message', ({ id, method, args }: Call) => {
  const answer = (answer: Omit<Answer, 'id'>): void => { process.send?.({ id, ...answer }) }

  member[method](...args).then((value: unknown) => { answer({ value }) }, (err: Error) => { answer({ error: err.stack }) })
})

process.once('disconnect', () => { process.exit() })
