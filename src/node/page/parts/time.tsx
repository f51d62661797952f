import { formatAgo, formatCountdown, formatTime, toIso } from '../format.ts'
import { useNow } from '../hooks.ts'
import type { JSX } from 'preact'

/** How long votes are still taken */
export function TimeLeft ({ deadline }: { deadline: number }): JSX.Element {
  const left = deadline - useNow()

  return left > 0
    ? <span class={left < 60 ? 'time urgent' : 'time'} title={formatTime(deadline)}>{formatCountdown(left)} left</span>
    : <span class='time'>time is up</span>
}

/** A moment, by what has passed since */
export function Ago ({ at }: { at: number }): JSX.Element {
  return <time class='time' dateTime={toIso(at)} title={formatTime(at)}>{formatAgo(at, useNow())}</time>
}

/** A moment, by the calendar */
export function Moment ({ at }: { at: number }): JSX.Element {
  return <time class='time' dateTime={toIso(at)}>{formatTime(at)}</time>
}
