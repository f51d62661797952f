const UNITS: Array<[name: string, seconds: number]> = [['d', 86_400], ['h', 3_600], ['min', 60]]

/** Returns whole seconds for people, in the largest unit of which there are two: 119 s, 2 min, 36 h, 2 d */
export function formatDuration (seconds: number): string {
  const [name, length] = UNITS.find(([, length]) => seconds >= 2 * length) ?? ['s', 1]

  return `${Math.round(seconds / length)} ${name}`
}
