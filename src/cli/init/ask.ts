/**
 * Asks in the terminal, again until an answer is valid.
 */

import { createInterface } from 'node:readline/promises'
import color from 'picocolors'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { printable } from '../output.ts'
import { wrap } from '../terminal/text.ts'
import { QUESTIONS } from './questions.ts'
import type { Answers, Question } from './questions.ts'
import type { Interface } from 'node:readline/promises'

/** What the shell says of a process that Ctrl-C has ended */
const INTERRUPTED = 130

/** Where the terminal does not say */
const DEFAULT_COLUMNS = 80

/**
 * @param given - answers of the command line
 * @param note - said before the question about voters
 * @throws {CliError} if an answer of the command line is not valid, one is missing and nobody can be asked, or who is asked leaves
 */
export async function askAll (given: Partial<Record<keyof Answers, string>>, note?: string): Promise<Answers> {
  const answers: Partial<Record<keyof Answers, unknown>> = {}
  const names = Object.keys(QUESTIONS) as Array<keyof Answers>

  // before anything is asked: answers must not be lost to what could have been known
  for (const name of names) {
    const text = given[name]

    if (text != null) {
      answers[name] = fromCommandLine(QUESTIONS[name], text, answers as Partial<Answers>)
    }
  }

  const missing = names.filter(name => given[name] == null)

  if (missing.length === 0) {
    return answers as Answers
  }

  if (!process.stdin.isTTY) {
    for (const name of missing) {
      answers[name] = withoutTerminal(QUESTIONS[name], answers as Partial<Answers>)
    }

    return answers as Answers
  }

  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const leave = new AbortController()

  // Ctrl-C and Ctrl-D
  terminal.once('close', () => { leave.abort() })

  try {
    for (const name of missing) {
      if (name === 'voters' && note != null) {
        console.info(note)
      }

      answers[name] = await ask(terminal, QUESTIONS[name], answers as Partial<Answers>, leave.signal)
    }
  } catch (err) {
    throw leave.signal.aborted ? new CliError('Nothing was written', INTERRUPTED, { cause: err }) : err
  } finally {
    terminal.close()
  }

  return answers as Answers
}

async function ask (terminal: Interface, { note, ask, hint, fallback, parse }: Question<unknown>, answers: Partial<Answers>, signal: AbortSignal): Promise<unknown> {
  if (note != null) {
    console.info(color.dim(wrap(note, process.stdout.columns ?? DEFAULT_COLUMNS).join('\n')))
  }

  for (;;) {
    const answer = (await terminal.question(`${color.bold(ask)} ${color.dim(`(${hint})`)}${fallback == null ? '' : ` [${fallback}]`}: `, { signal })).trim()

    if (answer === '' && fallback == null) {
      console.info(color.yellow('  It must be answered; Ctrl-C leaves'))
      continue
    }

    try {
      return parse(answer === '' ? fallback ?? '' : answer, answers)
    } catch (err) {
      console.info(color.yellow(`  It ${printable((err as Error).message)}`))
    }
  }
}

function fromCommandLine ({ option, parse }: Question<unknown>, text: string, answers: Partial<Answers>): unknown {
  try {
    return parse(text, answers)
  } catch (err) {
    throw new CliError(`${option} ${(err as Error).message}`, EXIT.usage, { cause: err })
  }
}

function withoutTerminal ({ option, hint, fallback, parse }: Question<unknown>, answers: Partial<Answers>): unknown {
  if (fallback == null) {
    throw new CliError(`${option} is needed, since there is no terminal to ask in: ${hint}`, EXIT.usage)
  }

  return parse(fallback, answers)
}
