/**
 * JSON in which nothing is said twice. JSON.parse takes the last of equal names in an object: whoever reads the first would
 * agree to something else. And where text is no JSON, the place is told, which JSON.parse does for some mistakes only.
 */

/** What an object's names are among, in text that is JSON */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** Any token of JSON, after white space */
// eslint-disable-next-line no-control-regex -- strings have none of them
const ANY_TOKEN = /[ \t\r\n]*("(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:])/y

/** So much of a name, or of what is no JSON, is shown */
const MAX_NAME_LENGTH = 80
const MAX_SHOWN_LENGTH = 20

/** What may come next, in words */
type Next = 'a value' | 'a value or "]"' | 'a name in double quotes' | 'a name in double quotes or "}"' | '":"' | '"," or "]"' | '"," or "}"' | 'the end'

/**
 * As JSON.parse
 *
 * @throws {SyntaxError} with the line and column, too, if an object has two members of one name
 */
export function parseJson (text: string): unknown {
  let value: unknown

  try {
    value = JSON.parse(text)
  } catch (err: any) {
    throw new SyntaxError(mistakeIn(text) ?? err.message, { cause: err })
  }

  checkNames(text)

  return value
}

/** Where text ends to be JSON, and what is wrong there; undefined if it is inside of a string or a number */
function mistakeIn (text: string): string | undefined {
  const open: string[] = []
  let next: Next = 'a value'
  let position = 0

  for (;;) {
    ANY_TOKEN.lastIndex = position

    const token = ANY_TOKEN.exec(text)?.[1]
    const after: Next | undefined = token == null ? undefined : follow(next, token, open)

    if (after == null) {
      const rest = text.slice(position)
      const begin = position + rest.length - rest.trimStart().length

      return rest.trim() === '' && next === 'the end'
        ? undefined
        : `${placeOf(text, begin)}: ${next} is expected, got ${begin === text.length ? 'the end of the text' : JSON.stringify(text.slice(begin, begin + MAX_SHOWN_LENGTH).split('\n')[0])}`
    }

    next = after
    position = ANY_TOKEN.lastIndex
  }
}

/**
 * What may come after a token, undefined if the token may not come itself
 *
 * @param open - the brackets that are open, which is changed
 */
function follow (next: Next, token: string, open: string[]): Next | undefined {
  if (next.endsWith(`or "${token}"`)) {
    open.pop()

    return afterValue(open)
  }

  if (next.startsWith(`"${token}"`)) {
    return token === ',' && open.at(-1) === '{' ? 'a name in double quotes' : 'a value'
  }

  if (next.startsWith('a name')) {
    return token.startsWith('"') ? '":"' : undefined
  }

  if (!next.startsWith('a value') || /^[}\],:]/.test(token)) {
    return
  }

  if (token === '{' || token === '[') {
    open.push(token)

    return token === '{' ? 'a name in double quotes or "}"' : 'a value or "]"'
  }

  return afterValue(open)
}

function afterValue (open: string[]): Next {
  if (open.length === 0) {
    return 'the end'
  }

  return open.at(-1) === '{' ? '"," or "}"' : '"," or "]"'
}

function placeOf (text: string, position: number): string {
  const lines = text.slice(0, position).split('\n')

  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}

function checkNames (text: string): void {
  /** The names of each object that is open, undefined for arrays */
  const open: Array<Set<string> | undefined> = []
  let last: RegExpExecArray | undefined

  for (const token of text.matchAll(TOKEN)) {
    switch (token[0]) {
      case '{':
        open.push(new Set())
        break
      case '[':
        open.push(undefined)
        break
      case '}':
      case ']':
        open.pop()
        break
      case ':':
        addName(open.at(-1), last, text)
        break
      default:
    }

    last = token
  }
}

function addName (names: Set<string> | undefined, token: RegExpExecArray | undefined, text: string): void {
  if (names == null || token == null) {
    return
  }

  // names may be written in several ways
  const name: string = JSON.parse(token[0])

  if (names.has(name)) {
    throw new SyntaxError(`${JSON.stringify(name.slice(0, MAX_NAME_LENGTH))} is said twice, again in ${placeOf(text, token.index)}. Remove one`)
  }

  names.add(name)
}
