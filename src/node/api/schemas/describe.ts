/**
 * How schemas are written: what a request may hold is checked by them, and the OpenAPI document is made of them.
 */

import { z } from '@hono/zod-openapi'
import type { RouteConfig } from '@hono/zod-openapi'

const MAX_DIGITS = 10

/** What the OpenAPI document says of a value besides what its schema does */
interface Metadata {
  description?: string
  default?: number
  param?: { name: string, in: 'path' }
}

/** An object that may hold these fields and no others */
export function fields <S extends z.ZodRawShape> (shape: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code }) => code === 'unrecognized_keys' ? `is not known here: known are ${Object.keys(shape).join(', ')}` : 'must be an object'
  })
}

/** A whole number in a path or a query, where all is text */
export function wholeNumber (description: string, minimum: number, maximum: number, metadata: Metadata = {}): z.ZodType<number, string> {
  const message = `must be ${description}`

  return z.string(message)
    .regex(new RegExp(`^\\d{1,${MAX_DIGITS}}$`), message)
    .transform(Number)
    .refine(value => value >= minimum && value <= maximum, message)
    .openapi({ type: 'integer', minimum, maximum, ...metadata })
}

type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false

type AllRequired<T> = T extends object ? { [K in keyof T]-?: AllRequired<NonNullable<T[K]>> } : T

/** Whether two types are the same, down to which of their fields there are */
type Exactly<A, B> = Same<A, B> extends true ? Same<AllRequired<A>, AllRequired<B>> : false

/**
 * Names a schema in the OpenAPI document, and holds it to a type of the client at compile time: both say the same, no more
 * and no less.
 */
export function describing <T> (): <S extends z.ZodType>(name: string, schema: Exactly<z.output<S>, T> extends true ? S : never) => S {
  return (name, schema) => schema.openapi(name)
}

/** The JSON body of a request */
export function jsonBody <S extends z.ZodType> (schema: S): { required: true, content: { 'application/json': { schema: S } } } {
  return { required: true, content: { 'application/json': { schema } } }
}

/** An answer in JSON */
export function json <S extends z.ZodType> (schema: S, description: string): { description: string, content: { 'application/json': { schema: S } } } {
  return { description, content: { 'application/json': { schema } } }
}

/** One page of a list */
export function pageOf <S extends z.ZodType> (items: S): z.ZodObject<{ items: z.ZodArray<S>, cursor: z.ZodOptional<z.ZodString> }> {
  return z.object({
    items: z.array(items),
    cursor: z.string().optional().describe('Gives the next page; absent on the last one')
  })
}

export type Responses = RouteConfig['responses']
