/**
 * One line of the terminal that is drawn over itself, while what is printed meanwhile goes above it.
 */

import color from 'picocolors'
import { cutTo } from './text.ts'
import type { Color, Ora } from 'ora'

/** Columns of the symbol and the space after it */
const SYMBOL_COLUMNS = 2

export interface LiveLineOptions {
  /** What it says, for so many columns */
  text (columns: number): string
  /** Of the symbol at its beginning */
  colour? (): Color
  /** The symbol; one that moves without it */
  symbol?: string
}

export class LiveLine {
  private readonly options: LiveLineOptions
  private readonly ora: Ora
  private readonly onResize = (): void => { this.draw() }

  private constructor (options: LiveLineOptions, ora: Ora) {
    this.options = options
    this.ora = ora
  }

  /** To be closed before the process ends by itself; a signal that ends it gives the cursor back, too */
  static async open (options: LiveLineOptions): Promise<LiveLine> {
    // it takes a while to load, and most commands do not need it
    const { default: ora } = await import('ora')
    // whoever opens one knows that this is a terminal, wherever it is; what is typed is for the shell
    const line = new LiveLine(options, ora({ stream: process.stdout, isEnabled: true, discardStdin: false, ...options.symbol == null ? {} : { spinner: { frames: [options.symbol], interval: 1_000 } } }))

    line.update()
    line.ora.start()
    process.stdout.on('resize', line.onResize)

    return line
  }

  draw (): void {
    this.update()

    if (this.ora.isSpinning) {
      this.ora.render()
    }
  }

  close (): void {
    process.stdout.off('resize', this.onResize)
    this.ora.stop()
  }

  private update (): void {
    const columns = process.stdout.columns - SYMBOL_COLUMNS

    this.ora.color = color.isColorSupported ? this.options.colour?.() ?? 'cyan' : false
    this.ora.text = cutTo(this.options.text(columns), columns)
  }
}
