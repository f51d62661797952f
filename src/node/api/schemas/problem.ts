/**
 * Errors, as RFC 9457 problem details
 */

import { z } from '@hono/zod-openapi'
import { describing } from './describe.ts'
import type { Problem } from '../types.ts'

export const problemSchema = describing<Problem>()('Problem', z.object({
  type: z.string().regex(/^urn:libp2p-voting:problem:\w+$/).describe('Tells kinds of errors apart: urn:libp2p-voting:problem: and the name of the error'),
  title: z.string().describe('The kind of error, for people'),
  status: z.int().min(400).max(599).describe('HTTP status'),
  detail: z.string().describe('What was wrong, the value, what to do'),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional().describe('The fields of a request that are not valid')
}))
