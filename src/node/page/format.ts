/**
 * How amounts, times and addresses are written.
 */

const second = 1_000

/** The last moment a Date can hold, in Unix seconds */
const MAX_DATE = 8_640_000_000_000

const UNITS: Array<[name: string, seconds: number]> = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]]

/** @param seconds - Unix */
export function formatTime (seconds: number): string {
  return seconds <= MAX_DATE
    ? new Date(seconds * second).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
    : `${seconds} seconds after 1970`
}

/** For machines, where the time is one that a Date can hold */
export function toIso (seconds: number): string | undefined {
  return seconds <= MAX_DATE ? new Date(seconds * second).toISOString() : undefined
}

/** In the largest unit there are two of, so that it is never off by much */
export function formatDuration (seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [name, length] = UNITS.find(([, length]) => whole >= 2 * length) ?? UNITS[UNITS.length - 1]

  return count(Math.floor(whole / length), name)
}

/** How long something is still, to the second in the last ten minutes: `4:05` */
export function formatCountdown (seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))

  return whole < 600 ? `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, '0')}` : formatDuration(whole)
}

export function formatAgo (seconds: number, now: number): string {
  return now - seconds < 5 ? 'just now' : `${formatDuration(now - seconds)} ago`
}

/** Both ends of an address, digest or peer id. Only where the whole is a click away: two can look the same. */
export function shorten (text: string, length = 8): string {
  return text.length <= 2 * length + 1 ? text : `${text.slice(0, length)}…${text.slice(-(length - 2))}`
}

export function count (number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
