/**
 * JSON in which nothing is said twice. JSON.parse takes the last of equal names in an object: whoever reads the first would
 * agree to something else.
 */

/** What an object's names are among, in text that is JSON */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** So much of a name is shown */
const MAX_NAME_LENGTH = 80

/**
 * As JSON.parse
 *
 * @throws {SyntaxError} with the line and column, too, if an object has two members of one name
 */
export function parseJson (text: string): unknown {
  const value: unknown = JSON.parse(text)

  checkNames(text)

  return value
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
    const lines = text.slice(0, token.index).split('\n')

    throw new SyntaxError(`${JSON.stringify(name.slice(0, MAX_NAME_LENGTH))} is said twice, again in line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}. Remove one`)
  }

  names.add(name)
}
