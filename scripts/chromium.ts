/**
 * Chromium as it comes with the system.
 */

import { access } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const EXECUTABLE = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

const ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** Why there is no Chromium to be had, in words; undefined if there is one */
export async function chromiumProblem (): Promise<string | undefined> {
  try {
    await access(EXECUTABLE)
  } catch {
    // that it is not there is an answer
    return `there is no Chromium at ${EXECUTABLE}; CHROMIUM_PATH says where another is`
  }
}

export async function launchChromium (): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS })
}
