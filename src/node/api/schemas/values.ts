/**
 * Values that requests and answers have in common
 */

import { z } from '@hono/zod-openapi'
import { FINGERPRINT } from '../../../consensus/proposal/fingerprint.ts'

const MAX_UINT32 = 0xffff_ffff

export const scopeName = z.string().openapi({ example: 'council', description: 'Name of a scope' })
export const proposalId = z.int().min(0).max(MAX_UINT32).openapi({ example: 618215397 })
export const fingerprint = z.string().regex(FINGERPRINT)
  .openapi({ description: 'Of a proposal: bytes 4 to 11 of its digest as hex digits, in four groups. The id is bytes 0 to 3', example: '3f9a-77c2-01be-d450' })
export const peerId = z.string().openapi({ example: '12D3KooWBN2ik8sfZshyvS63W1NDAq17qYSP3FG19ycD5vzowTsE' })
export const unixSeconds = z.int().openapi({ description: 'Unix seconds' })
export const count = z.int().min(0)

export const address = z.string().regex(/^0x[0-9a-fA-F]*$/)
  .openapi({ description: 'Of a voter: 0x and 40 hex digits with their checksum. In open reference scopes, where anybody may have put anything in its place, 0x and hex digits' })

export const voterName = z.string().openapi({ description: 'What the policy calls the voter; absent where it has no name', example: 'Alice' })

export const bytes = z.string().regex(/^0x([0-9a-fA-F]{2})*$/).openapi({ description: '0x and hex digits', example: '0x00ff' })
export const digest = z.string().regex(/^[0-9a-f]{64}$/).openapi({ description: 'SHA-256, 64 hex digits' })

export const choice = z.enum(['yes', 'no'], 'must be yes or no')
export const state = z.enum(['active', 'reached', 'failed', 'conflict'], 'must be active, reached, failed or conflict')
