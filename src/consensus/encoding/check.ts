/**
 * Checks of values that come from callers TypeScript cannot see. Each throws an error that names the field, shows the
 * value and says what is accepted.
 */

export const MAX_UINT32 = 0xffff_ffff
export const MAX_UINT64 = 0xffff_ffff_ffff_ffffn

/**
 * A value as it is shown in an error: its type where that is what is wrong, shortened where it is long
 */
export function show (value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  }

  if (typeof value === 'bigint') {
    return `${value}n`
  }

  if (value instanceof Date) {
    return 'a Date'
  }

  if (value instanceof Uint8Array) {
    return `${value.byteLength} bytes`
  }

  if (Array.isArray(value)) {
    return `an array of ${value.length}`
  }

  if (typeof value === 'object' && value !== null) {
    return 'an object'
  }

  return typeof value === 'function' ? 'a function' : String(value)
}

function refuse (field: string, accepted: string, value: unknown): never {
  throw new TypeError(`${field} must be ${accepted}, got ${show(value)}`)
}

/** An integer from 0 to 2^32 − 1 */
export function checkUint32 (field: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_UINT32) {
    refuse(field, 'a whole number from 0 to 4294967295', value)
  }
}

/** A bigint from 0 to 2^64 − 1 */
export function checkUint64 (field: string, value: unknown): asserts value is bigint {
  if (typeof value !== 'bigint' || value < 0n || value > MAX_UINT64) {
    refuse(field, 'a bigint of Unix seconds from 0n to 2n ** 64n - 1n', value)
  }
}

export function checkBytes (field: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    refuse(field, 'a Uint8Array', value)
  }
}

/** Bytes of a policy digest and of a proposal digest */
export const DIGEST_LENGTH = 32

/** A SHA-256 */
export function checkDigest (field: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array) || value.byteLength !== DIGEST_LENGTH) {
    refuse(field, `a Uint8Array of ${DIGEST_LENGTH} bytes`, value)
  }
}

export function checkBoolean (field: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') {
    refuse(field, 'true or false', value)
  }
}

/** Whether UTF-8 can hold the string: it has no lone surrogates */
export function isUnicode (value: string): boolean {
  return value.isWellFormed()
}

const FIRST_MILLISECONDS = 10n ** 12n
const LAST_MILLISECONDS = 10n ** 14n - 1n

/**
 * Whether a number of seconds can only be a date in milliseconds, as JavaScript has them: as milliseconds these are the
 * years 2001 to 5138, as seconds more than 31,000 years. Larger ones are let through, since 2^64 − 1 means "for ever".
 */
export function isMilliseconds (seconds: bigint): boolean {
  return seconds >= FIRST_MILLISECONDS && seconds <= LAST_MILLISECONDS
}

/** A string that UTF-8 can hold */
export function checkString (field: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') {
    refuse(field, 'a string', value)
  }

  if (!isUnicode(value)) {
    refuse(field, 'a string of valid Unicode', value)
  }
}

export function checkNumber (field: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') {
    refuse(field, 'a number', value)
  }
}

export function checkObject (field: string, value: unknown): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(field, 'an object', value)
  }
}
