/**
 * The whole terminal, for a view that is drawn again and again. What was there before is back when it ends.
 */

import type { WriteStream } from 'node:tty'

/** The other screen, and no cursor */
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'

/** A terminal that knows these shows all of a frame at once; others ignore them */
const BEGIN_FRAME = '\u001b[?2026h'
const END_FRAME = '\u001b[?2026l'

const HOME = '\u001b[H'
const CLEAR_TO_LINE_END = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

export class Screen {
  private readonly output: WriteStream
  private readonly draw: (columns: number, rows: number) => string[]
  private readonly onExit = (): void => { this.leave() }
  private readonly onResize = (): void => { this.redraw() }
  private readonly onSuspend = (): void => { this.suspend() }
  private readonly onContinue = (): void => { this.enter() }
  private entered = false

  /**
   * @param draw - the lines of a frame, none of them longer than the columns or more than the rows
   */
  constructor (output: WriteStream, draw: (columns: number, rows: number) => string[]) {
    this.output = output
    this.draw = draw
  }

  open (): void {
    // however the process ends, the cursor is back
    process.on('exit', this.onExit)
    process.on('SIGTSTP', this.onSuspend)
    process.on('SIGCONT', this.onContinue)
    this.output.on('resize', this.onResize)
    this.enter()
  }

  close (): void {
    process.off('exit', this.onExit)
    process.off('SIGTSTP', this.onSuspend)
    process.off('SIGCONT', this.onContinue)
    this.output.off('resize', this.onResize)
    this.leave()
  }

  /** In one write, over what is there: clearing first would flicker */
  redraw (): void {
    if (!this.entered) {
      return
    }

    const lines = this.draw(this.output.columns, this.output.rows).slice(0, this.output.rows)

    this.output.write(`${BEGIN_FRAME}${HOME}${lines.map(line => `${line}${CLEAR_TO_LINE_END}`).join('\r\n')}${lines.length < this.output.rows ? `\r\n${CLEAR_BELOW}` : ''}${END_FRAME}`)
  }

  private enter (): void {
    if (!this.entered) {
      this.entered = true
      this.output.write(ENTER)
    }

    this.redraw()
  }

  private leave (): void {
    if (this.entered) {
      this.entered = false
      this.output.write(LEAVE)
    }
  }

  /** Ctrl-Z */
  private suspend (): void {
    this.leave()
    process.kill(process.pid, 'SIGSTOP')
  }
}

/** Whether lines can be drawn again in the output: it is a terminal, and one that can move its cursor */
export function isLive (output: NodeJS.WriteStream = process.stdout): output is WriteStream {
  return output.isTTY && process.env.TERM !== 'dumb' && output.columns > 0
}
