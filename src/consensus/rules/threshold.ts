/**
 * Thresholds as exact fractions: how many votes a quorum has follows from whole numbers, and is the same in every language.
 */

import { show } from '../encoding/check.ts'
import { InvalidConsensusThresholdError } from '../errors.ts'

/** Numerator and denominator of a threshold are at most this */
const MAX_TERM = 10n ** 9n

/** Decimals of a threshold that is a decimal number */
const MAX_DECIMALS = 9

const FRACTION = /^([0-9]{1,10})\/([0-9]{1,10})$/
const DECIMAL = /^([0-9]{1,9})(?:\.([0-9]{1,30}))?(?:e([+-][0-9]{1,3}))?(%?)$/

const FORMS = 'a fraction like "2/3", a percentage like "60%" or a number like 0.6'

interface Fraction {
  numerator: bigint
  denominator: bigint
}

/**
 * Returns a threshold as a fraction in lowest terms. A number or percentage is the decimal that its shortest text shows, so
 * 0.67 is 67/100.
 *
 * @throws {InvalidConsensusThresholdError} with what is accepted
 */
export function parseThreshold (value: number | string): string {
  const { numerator, denominator } = read(value)

  if (numerator === 0n || numerator > denominator) {
    throw new InvalidConsensusThresholdError(`must be more than 0 and at most 1, got ${show(value)}`)
  }

  const divisor = greatestCommonDivisor(numerator, denominator)

  if (denominator / divisor > MAX_TERM) {
    throw new InvalidConsensusThresholdError(`must have a denominator of at most ${MAX_TERM}, got ${show(value)}`)
  }

  return `${numerator / divisor}/${denominator / divisor}`
}

/**
 * Checks that a threshold is a fraction in lowest terms
 *
 * @throws {InvalidConsensusThresholdError} that names the field
 */
export function checkFraction (field: string, threshold: unknown): asserts threshold is string {
  if (typeof threshold !== 'string' || !isInLowestTerms(threshold)) {
    throw new InvalidConsensusThresholdError(`${field} must be a fraction in lowest terms, more than 0 and at most 1, like "2/3", got ${show(threshold)}`)
  }
}

function isInLowestTerms (text: string): boolean {
  const [, numerator, denominator] = FRACTION.exec(text) ?? []

  if (numerator == null || text.startsWith('0') || denominator.startsWith('0')) {
    return false
  }

  const [a, b] = [BigInt(numerator), BigInt(denominator)]

  return a <= b && b <= MAX_TERM && greatestCommonDivisor(a, b) === 1n
}

/** Returns a threshold as the nearest double, which the rules of the crate count by */
export function shareOf (threshold: string): number {
  checkFraction('threshold', threshold)

  const [numerator, denominator] = threshold.split('/').map(Number)

  return numerator / denominator
}

/** Returns a threshold's share of a number of voters, rounded up, in whole numbers */
export function shareOfVoters (voters: number, threshold: string): number {
  const [numerator, denominator] = threshold.split('/').map(BigInt)

  return Number((BigInt(voters) * numerator + denominator - 1n) / denominator)
}

function read (value: number | string): Fraction {
  const text = String(value)
  const fraction = typeof value === 'string' ? FRACTION.exec(text) : undefined

  if (fraction != null) {
    return { numerator: BigInt(fraction[1]), denominator: BigInt(fraction[2]) }
  }

  const decimal = DECIMAL.exec(text)

  if (decimal == null) {
    throw new InvalidConsensusThresholdError(`must be ${FORMS}, got ${show(value)}`)
  }

  const [, whole, digits = '', exponent = '0', percent] = decimal
  const decimals = digits.length - Number(exponent) + (percent === '' ? 0 : 2)

  if (decimals > MAX_DECIMALS) {
    throw new InvalidConsensusThresholdError(`has more than ${MAX_DECIMALS} decimals: write it as a fraction like "2/3", got ${show(value)}`)
  }

  return { numerator: BigInt(whole + digits) * 10n ** BigInt(MAX_DECIMALS - decimals), denominator: 10n ** BigInt(MAX_DECIMALS) }
}

function greatestCommonDivisor (a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b)
}
