/**
 * Names and payloads are written by strangers: how they are shown so that they stay what they are, on terminals and pages.
 */

/** What would move a cursor, or make text look like something else */
// eslint-disable-next-line no-control-regex -- they are what is looked for
export const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

/** A text of somebody else's, safe to show and on one line */
export function printable (text: string): string {
  return text.replaceAll(UNPRINTABLE, visible)
}

/** A character that cannot be seen, as it would be written in code */
export function visible (character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
