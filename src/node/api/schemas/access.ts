/**
 * Links for browsers, and health
 */

import { z } from '@hono/zod-openapi'
import { describing, fields } from './describe.ts'
import { unixSeconds } from './values.ts'
import type { HealthInfo, LinkInfo } from '../types.ts'

export const linkInfo = describing<LinkInfo>()('LinkInfo', z.object({
  url: z.string().describe('To be opened in a browser on this machine; good once'),
  expiresAt: unixSeconds
}))

export const openQuery = fields({
  code: z.string('must be the code of a link').min(1, 'must be the code of a link').describe('Of a link')
})

export const healthInfo = describing<HealthInfo>()('HealthInfo', z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.record(z.string(), z.boolean()).describe('What has been looked at, by its name, and whether it is as it should be')
}))
