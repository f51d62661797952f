/**
 * What requests may hold. Policies and requests to propose are checked by the service, where the rules are; here it is
 * only made sure that their fields have the right types.
 */

import { concat } from 'uint8arrays/concat'
import { toString } from 'uint8arrays/to-string'
import * as z from 'zod'
import { parseJson } from '../../consensus/json.ts'
import { ApiError } from './problems.ts'
import type { JoinRequest, ProposeRequest, ScopeSettingsRequest, VoteRequest } from './types.ts'
import type { Context } from 'hono'

/** A policy with 10,000 voters is under half of this */
export const MAX_BODY_LENGTH = 1024 * 1024

const MAX_UINT32 = 0xffff_ffff
const MAX_PAGE_LENGTH = 100
const DEFAULT_PAGE_LENGTH = 50

/** A long poll is answered after so many seconds at the latest: some proxies and clients give up at 60 */
const MAX_WAIT_SECONDS = 50

const wholeNumber = (description: string, min: number, max: number): z.ZodType<number> => z.string()
  .regex(/^\d{1,10}$/, `must be ${description}`)
  .transform(Number)
  .refine(value => value >= min && value <= max, `must be ${description}`)

export const joinSchema = z.strictObject({
  name: z.string('must be the name of an open scope').optional(),
  policy: z.record(z.string(), z.unknown(), 'must be a policy').optional()
}).refine(({ name, policy }) => (name == null) !== (policy == null), 'must have either a name or a policy') as unknown as z.ZodType<JoinRequest>

export const proposeSchema: z.ZodType<ProposeRequest> = z.strictObject({
  name: z.string('must be a string'),
  payload: z.string('must be 0x and hex digits').regex(/^0x([0-9a-fA-F]{2})*$/, 'must be 0x and an even number of hex digits').optional(),
  timeoutSeconds: z.number('must be a number of seconds').optional(),
  livenessCriteriaYes: z.boolean('must be true or false').optional(),
  expectedVotersCount: z.number('must be a number').optional()
})

export const settingsSchema: z.ZodType<ScopeSettingsRequest> = z.strictObject({
  retainVotesSeconds: z.number('must be a number of seconds, or null').nullable()
})

export const voteSchema: z.ZodType<VoteRequest> = z.strictObject({
  choice: z.enum(['yes', 'no'], { error: ({ input }) => `must be yes or no, got ${JSON.stringify(input)}` }),
  force: z.boolean('must be true or false').optional()
})

export const proposalIdSchema = wholeNumber('a proposal id, a whole number from 0 to 4294967295', 0, MAX_UINT32)

export const pageSchema = z.object({
  limit: wholeNumber(`1 to ${MAX_PAGE_LENGTH}`, 1, MAX_PAGE_LENGTH).default(DEFAULT_PAGE_LENGTH),
  cursor: wholeNumber('what the page before gave', 0, MAX_UINT32).optional(),
  state: z.enum(['active', 'reached', 'failed', 'conflict'], 'must be active, reached, failed or conflict').optional(),
  order: z.enum(['oldest', 'newest'], 'must be oldest or newest, whichever is to come first').default('oldest')
})

export const waitSchema = z.object({
  waitSeconds: wholeNumber(`0 to ${MAX_WAIT_SECONDS}`, 0, MAX_WAIT_SECONDS).default(MAX_WAIT_SECONDS)
})

/** The JSON body of a request. Throws InvalidInputError with every field that is wrong. */
export async function readBody <T> (context: Context, schema: z.ZodType<T>): Promise<T> {
  const text = toString(await readBytes(context, MAX_BODY_LENGTH))
  let body: unknown

  try {
    body = parseJson(text)
  } catch (err) {
    throw new ApiError('InvalidInputError', `The body must be JSON: ${(err as Error).message}`)
  }

  return check(schema, body)
}

/** The bytes of a body, at most `maxLength`. No more is read than may be used. */
export async function readBytes ({ req }: Context, maxLength: number): Promise<Uint8Array> {
  const tooLarge = new ApiError('BodyTooLargeError', `The body must be at most ${maxLength} bytes`)
  const chunks: Uint8Array[] = []
  let length = 0

  if (Number(req.header('content-length') ?? 0) > maxLength) {
    throw tooLarge
  }

  for await (const chunk of req.raw.body ?? []) {
    length += chunk.byteLength

    if (length > maxLength) {
      throw tooLarge
    }

    chunks.push(chunk)
  }

  return concat(chunks)
}

/**
 * The value as the schema gives it. Throws InvalidInputError with every field that is wrong.
 *
 * @param field - what the value is called, if it is none of an object
 */
export function check <T> (schema: z.ZodType<T>, value: unknown, field = 'body'): T {
  const parsed = schema.safeParse(value)

  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ field: path.length === 0 ? field : path.join('.'), message }))

    throw new ApiError('InvalidInputError', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), errors)
  }

  return parsed.data
}
