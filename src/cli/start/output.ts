/**
 * All that `start` prints, in one of its forms: for people in a terminal, for people elsewhere, for programs, or next to
 * nothing.
 */

import color from 'picocolors'
import { logLine } from '../../node/host/log.ts'
import { printable, printJson, toJson } from '../output.ts'
import { isLive } from '../terminal/screen.ts'
import { StartProgress } from './progress.ts'
import { printStarted, printStartedJson } from './started.ts'
import { StatusLine } from './status-line.ts'
import type { StartStep } from '../../node/host/config.ts'
import type { LogLevel, LogLine } from '../../node/host/log.ts'
import type { VotingNode } from '../../node/index.ts'

export interface OutputOptions {
  json: boolean
  /** Whether only what somebody should look at is printed */
  quiet: boolean
  qr: boolean
  local: boolean
}

const COLOURS: Record<LogLevel, (text: string) => string> = { info: text => text, warn: color.yellow, error: color.red }

export class StartOutput {
  private readonly options: OutputOptions
  private readonly progress?: StartProgress
  /** They come after the line that says that the node runs: programs take the first for that */
  private held: LogLine[] | undefined = []
  private status?: StatusLine

  private constructor (options: OutputOptions, progress?: StartProgress) {
    this.options = options
    this.progress = progress
  }

  static async open (options: OutputOptions): Promise<StartOutput> {
    return new StartOutput(options, !options.json && !options.quiet && isLive() ? await StartProgress.show() : undefined)
  }

  step (step: StartStep): void {
    this.progress?.step(step)
  }

  warn (message: string): void {
    this.log(logLine('warn', 'warning', message))
  }

  log (line: LogLine): void {
    const { json, quiet } = this.options

    if (!json && line.event === 'warning') {
      // at once: it may be why the start takes its time
      console.error(color.yellow(`warning: ${printable(line.message)}`))
    } else if (!quiet || line.level !== 'info') {
      this.held == null ? this.write(line) : this.held.push(line)
    }
  }

  /** The node runs */
  async started (node: VotingNode): Promise<void> {
    const { json, quiet, qr, local } = this.options

    this.progress?.stop()

    if (json) {
      printStartedJson(node)
    } else if (!quiet) {
      printStarted(node, { qr, local })
    }

    const held = this.held ?? []

    this.held = undefined
    held.forEach(line => { this.write(line) })

    if (this.progress != null) {
      this.status = await StatusLine.show(node)
    }
  }

  /** The node stops from now on, or did not start */
  close (): void {
    this.progress?.stop()
    this.status?.stop()
    // of a start that failed; standard output is for programs that wait for a node
    this.held?.splice(0).forEach(line => { console.error(this.options.json ? toJson(line) : printable(line.message)) })
  }

  stopped (): void {
    if (!this.options.json && !this.options.quiet) {
      console.info('Stopped')
    }
  }

  private write (line: LogLine): void {
    if (this.options.json) {
      printJson(line)
    } else {
      const { time, level, message } = line

      console[level === 'info' ? 'info' : 'error'](`${color.dim(time)}  ${COLOURS[level](printable(message))}`)
    }
  }
}
