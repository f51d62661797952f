/**
 * Payloads as people can read them. They are shown, never run or followed.
 */

/** Bytes a line of a hex dump shows */
const LINE = 16

/**
 * JSON with line breaks and indents, or undefined if the text is no object or array. Every number and string stays as it was
 * written: reading and writing it anew would change large numbers and drop keys that come twice.
 */
export function indentJson (text: string): string | undefined {
  try {
    if (typeof JSON.parse(text) !== 'object') {
      return
    }
  } catch {
    // that it is something else than JSON is an answer
    return
  }

  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? []
  let depth = 0
  let indented = ''

  tokens.forEach((token, index) => {
    const line = `\n${'  '.repeat(depth)}`

    if (token === '{' || token === '[') {
      const empty = /^[}\]]$/.test(tokens[index + 1] ?? '')

      depth++
      indented += empty ? token : `${token}${line}  `
    } else if (token === '}' || token === ']') {
      depth--
      indented += /[{[]$/.test(tokens[index - 1] ?? '') ? token : `\n${'  '.repeat(depth)}${token}`
    } else if (token === ',') {
      indented += `,${line}`
    } else {
      indented += token === ':' ? ': ' : token
    }
  })

  return indented
}

/**
 * Offset, bytes and what of them is ASCII, line by line
 *
 * @param hex - hex digits, with 0x before them
 */
export function hexDump (hex: string): string {
  const bytes = (hex.slice(2).match(/../g) ?? [])
  const lines: string[] = []

  for (let offset = 0; offset < bytes.length; offset += LINE) {
    const line = bytes.slice(offset, offset + LINE)
    const ascii = line.map(byte => {
      const code = parseInt(byte, 16)

      return code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : '.'
    }).join('')

    lines.push(`${offset.toString(16).padStart(4, '0')}  ${line.join(' ').padEnd(3 * LINE - 1)}  ${ascii}`)
  }

  return lines.join('\n')
}

/** How many bytes a payload has */
export function payloadLength (hex: string): number {
  return (hex.length - 2) / 2
}

/** The hex digits of a text in UTF-8, with 0x before them */
export function textToHex (text: string): string {
  return `0x${Array.from(new TextEncoder().encode(text), byte => byte.toString(16).padStart(2, '0')).join('')}`
}
